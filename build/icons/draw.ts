import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { findChromium } from '../chromium.mjs';
import { icns, ico, type Pixels, png } from './encode.ts';

/**
 * `node build/icons/draw.ts`: all icons of the app from icon.svg, by the system's Chromium. What it makes is kept in the
 * repository, so that packaging needs no browser.
 */
const folder = import.meta.dirname;
const LINUX = [16, 24, 32, 48, 64, 96, 128, 256, 512];
const WINDOWS = [16, 20, 24, 32, 40, 48, 64, 256];
const MAC = [16, 32, 64, 128, 256, 512, 1024];

const svg = readFileSync(join(folder, 'icon.svg'), 'utf8');
const sizes = [...new Set([...LINUX, ...WINDOWS, ...MAC])].toSorted((a, b) => a - b);
const drawn = await draw(svg, sizes);
const of = (wanted: readonly number[]): Pixels[] => drawn.filter(({ size }) => wanted.includes(size));

mkdirSync(join(folder, 'linux'), { recursive: true });
for (const image of of(LINUX)) writeFileSync(join(folder, 'linux', `${image.size}x${image.size}.png`), png(image));
writeFileSync(join(folder, 'icon.ico'), ico(of(WINDOWS)));
writeFileSync(join(folder, 'icon.icns'), icns(of(MAC)));
writeFileSync(join(folder, 'icon.svg.sha256'), `${createHash('sha256').update(svg).digest('hex')}\n`);
console.log(`drawn: ${LINUX.length} sizes for Linux, icon.ico, icon.icns`);

async function draw(source: string, wanted: readonly number[]): Promise<Pixels[]> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('there is no Chromium to draw with');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    const images: Pixels[] = [];
    for (const size of wanted) {
      const address = `data:image/svg+xml,${encodeURIComponent(source)}`;
      const data: string = await page.evaluate(inPage(address, size));
      images.push({ size, rgba: Buffer.from(data, 'base64') });
    }
    return images;
  } finally {
    await browser.close();
  }
}

/** A program for the page: the picture at exactly this size, its pixels in base64. As a text, since nothing here knows a page. */
function inPage(address: string, size: number): string {
  return `(async () => {
    const image = new Image(${size}, ${size});
    image.src = ${JSON.stringify(address)};
    await image.decode();
    const context = new OffscreenCanvas(${size}, ${size}).getContext('2d');
    context.drawImage(image, 0, 0, ${size}, ${size});
    const { data } = context.getImageData(0, 0, ${size}, ${size});
    return btoa(data.reduce((text, byte) => text + String.fromCharCode(byte), ''));
  })()`;
}
