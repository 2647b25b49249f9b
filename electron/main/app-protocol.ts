import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { protocol } from 'electron';

const SCHEME = 'app';
const HOST = 'lockstep';

/** Where the interface is, and the only origin that any page of this app may have. */
export const origin = `${SCHEME}://${HOST}`;

/** Everything comes from the app itself; nothing is evaluated, framed, submitted or fetched from elsewhere. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** Must be called before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Serves the built interface from `folder`, and nothing else. */
export function serveApp(folder: string): void {
  protocol.handle(SCHEME, async (request) => {
    const file = fileOf(folder, request);
    const type = file === undefined ? undefined : mediaTypes[extname(file)];
    if (file === undefined || type === undefined) return refuse(404);
    try {
      return new Response(new Uint8Array(await readFile(file)), { headers: { 'content-type': type, ...headers } });
    } catch {
      return refuse(404);
    }
  });
}

const headers = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
} as const;

function refuse(status: number): Response {
  return new Response(null, { status, headers });
}

function fileOf(folder: string, { method, url }: Request): string | undefined {
  const parsed = URL.parse(url);
  if (method !== 'GET' || parsed?.host !== HOST) return undefined;
  let path: string;
  try {
    path = decodeURIComponent(parsed.pathname);
  } catch {
    return undefined;
  }
  if (path.includes('\0') || path.includes('\\')) return undefined;
  const file = normalize(join(folder, path === '/' ? 'index.html' : path));
  return file.startsWith(folder + sep) ? file : undefined;
}
