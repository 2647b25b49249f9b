import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

/** Path in the site → content. */
export type Tree = ReadonlyMap<string, Buffer>;

const DOWNLOAD_BYTES = 20_000_000;

const articles = [
  ['the-origin', 'The origin', 'One server takes every upload. It is the only place where the site is changed.'],
  [
    'the-mirrors',
    'The mirrors',
    'Each mirror hears of a change the moment it is committed, and fetches just that file.',
  ],
  ['whole-or-not', 'Whole or not at all', 'A visitor sees the old file or the new one, never half of either.'],
  ['catching-up', 'Catching up', 'A mirror that was away asks for what it missed, from where it stopped.'],
  ['names', 'Names', 'ü, 日本, and spaces are names like any others.'],
] as const;

/** A small site as people make them: pages that link to each other, styles, images, and one large file to download. */
export function sampleSite(): Tree {
  const files = new Map<string, Buffer>();
  const put = (path: string, content: string | Buffer): void => {
    files.set(path, Buffer.isBuffer(content) ? content : Buffer.from(content));
  };
  put(
    'style/site.css',
    'body { font: 16px/1.6 system-ui; max-width: 40rem; margin: 3rem auto; }\n@import url("print.css") print;\n',
  );
  put('style/print.css', 'nav { display: none; }\n');
  put('img/logo.svg', logo());
  articles.forEach(([slug, title, text], index) => {
    put(`img/${slug}.png`, stripes(320, 180, index));
    put(`articles/${slug}.html`, articlePage(slug, title, text));
  });
  put('img/写真 1.png', stripes(200, 200, 7));
  put('downloads/recording.bin', noise(DOWNLOAD_BYTES));
  put('index.html', frontPage('downloads/recording.bin'));
  return files;
}

export function frontPage(recording: string): string {
  const list = articles.map(([slug, title]) => `<li><a href="articles/${slug}.html">${title}</a></li>`).join('\n');
  return page('Lockstep demo', '', `<ul>\n${list}\n</ul>\n<p><a href="${recording}">Recording (20 MB)</a></p>`);
}

/** The articles in a new dress: every page and the style sheet that they share. */
export function restyled(): Tree {
  const files = new Map<string, Buffer>();
  for (const [slug, title, text] of articles)
    files.set(`articles/${slug}.html`, Buffer.from(articlePage(slug, title, `${text} <small>Spring</small>`)));
  files.set(
    'style/site.css',
    Buffer.from('body { font: 17px/1.6 Georgia, serif; max-width: 42rem; margin: 3rem auto; }\n'),
  );
  return files;
}

export function articlePage(slug: string, title: string, text: string): string {
  return page(
    title,
    '../',
    `<img src="../img/${slug}.png" alt="">\n<p>${text}</p>\n<p><a href="../index.html">Back</a></p>`,
  );
}

function page(title: string, up: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<link rel="stylesheet" href="${up}style/site.css">
<nav><img src="${up}img/logo.svg" alt="Lockstep" width="48"></nav>
<h1>${title}</h1>
${body}
</html>
`;
}

function logo(): string {
  const dots = [8, 24, 40]
    .map((x, index) => `<circle cx="${x}" cy="${12 + 12 * index}" r="5" fill="#0f766e"/>`)
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">${dots}</svg>\n`;
}

/** A PNG of slanted stripes (RFC 2083: signature, IHDR, IDAT, IEND; 8-bit RGB). */
function stripes(width: number, height: number, hue: number): Buffer {
  const rows = Buffer.alloc((1 + width * 3) * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const at = y * (1 + width * 3) + 1 + x * 3;
      const band = Math.floor((x + y) / 20) % 2;
      rows.set([band * 200 + hue * 5, 120 + hue * 15, (x * 255) / width], at);
    }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** Bytes that no compression and no sharing of blocks makes smaller, the same in every run. */
function noise(size: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(size / 32) }, (_, index) =>
    createHash('sha256').update(String(index)).digest(),
  );
  return Buffer.concat(blocks, size);
}
