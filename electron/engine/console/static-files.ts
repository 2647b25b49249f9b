import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

export interface StaticFiles {
  serve(path: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/**
 * The files of a folder as they are at the start. What is served is looked up in that list and never made from the
 * request, so no request can name anything else.
 */
export async function readStaticFiles(folder: string | undefined): Promise<StaticFiles> {
  const files = new Map((folder === undefined ? [] : await listFiles(folder)).map((file) => [file.path, file]));
  const start = files.get('/index.html');
  if (start) files.set('/', start);
  return {
    async serve(path, request, response) {
      const file = files.get(decoded(path));
      // The page asks for what its own build has.
      if (start && file === start && !(await areThere(files.values()))) return serveText(response, 503, REPLACED);
      if (!file) return serveText(response, path === '/' ? 200 : 404, path === '/' ? NO_INTERFACE : NOT_FOUND);
      const { size } = await stat(file.file);
      response.writeHead(200, {
        'Content-Type': file.type,
        'Content-Length': size,
        // The build puts a hash of the content into the names below assets/.
        'Cache-Control': file.path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      });
      if (request.method === 'HEAD') response.end();
      else await pipeline(createReadStream(file.file, { end: Math.max(0, size - 1) }), response);
    },
  };
}

async function areThere(files: Iterable<StaticFile>): Promise<boolean> {
  const found = [...files].map(({ file }) =>
    stat(file).then(
      () => true,
      () => false,
    ),
  );
  return (await Promise.all(found)).every(Boolean);
}

interface StaticFile {
  readonly path: string;
  readonly file: string;
  readonly type: string;
}

async function listFiles(folder: string): Promise<StaticFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const type = types[extname(entry.name).toLowerCase()] ?? 'application/octet-stream';
      return { path: `/${relative(folder, file).split(sep).join('/')}`, file, type };
    });
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

const NO_INTERFACE =
  'Lockstep is running. The interface is not here: in a checkout build it (npm run build); where lockstep.mjs was copied alone, copy ' +
  'out/renderer too, beside the folder that lockstep.mjs is in. Then start again.\n';
const REPLACED =
  'The interface was replaced while Lockstep ran, by an update, say. Start Lockstep anew, then open the address that lockstep console prints.\n';
const NOT_FOUND = 'There is no such page here.\n';

function serveText(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
