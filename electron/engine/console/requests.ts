import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Status } from '../../../shared/contract/status.ts';
import { parseParams } from '../../../shared/contract/issue.ts';
import { calls, type CallName } from '../../../shared/contract/calls.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { unwrap } from '../../../shared/errors/result.ts';
import type { ErrorCode } from '../../../shared/errors/codes.ts';
import { sentPart } from '../../../shared/contract/sent-files.ts';
import { parseSitePath } from '../../../shared/domain/site-path.ts';
import { parseJson } from '../../../shared/contract/parse-json.ts';
import { hasToken, isSameOrigin, mayReadMetrics } from './access.ts';
import type { ConsoleOptions } from './console-options.ts';
import { METRICS_TYPE, metricsText } from './metrics.ts';
import type { StaticFiles } from './static-files.ts';

export const BODY_BYTES_MAX = 1024 * 1024;

interface Served extends ConsoleOptions {
  readonly token: string;
  readonly files: StaticFiles;
}

const callBody = z.strictObject({ name: z.string().max(64), params: z.unknown() });

export function createRequestHandler(served: Served): RequestListener {
  return (request, response) => {
    secure(response);
    answer(served, request, response).catch((error: unknown) => {
      if (response.destroyed) return;
      served.logger.error({ err: error, path: pathOf(request) }, 'console request failed');
      if (response.headersSent) response.destroy();
      else refuse(response, 500, new AppError('internal'));
    });
  };
}

async function answer(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = pathOf(request);
  if (path === '/healthz') return answerHealth(served, request, response);
  if (!isSameOrigin(request, served.config.host)) return refuse(response, 403, refused('it comes from another origin'));
  if (path === '/api/call') return answerCall(served, request, response);
  if (path === '/metrics') return answerMetrics(served, request, response);
  if (path.startsWith(SENT)) return answerSent(served, request, response);
  if (path.startsWith('/api/')) return refuse(response, 404, refused('there is no such address'));
  if (reads(request, response)) await served.files.serve(path, request, response);
}

async function answerCall(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!hasToken(request, served.token)) return refuseStranger(response);
  if (request.method !== 'POST') return refuse(response, 405, refused('a call is a POST'), { Allow: 'POST' });
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    return refuse(response, 415, refused('a call is JSON'));
  const body = await readBody(request);
  if (body === undefined) return refuse(response, 413, new AppError('limit.exceeded', { limit: 'body' }), CLOSE);
  const parsed = callBody.safeParse(parseJson(body)).data;
  if (!parsed) return refuse(response, 400, new AppError('call.invalid', { issue: 'not-a-call' }));
  try {
    sendJson(response, 200, { ok: true, value: (await callByName(served, parsed.name, parsed.params)) ?? null });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    sendJson(response, 200, { ok: false, error: error.toJSON() });
  }
}

/** See `shared/contract/sent-files.ts`. */
async function answerSent(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!hasToken(request, served.token)) return refuseStranger(response);
  const { sent } = served;
  const [, id, path] = SENT_ADDRESS.exec(pathOf(request)) ?? [];
  if (id === undefined) return refuse(response, 404, refused('there is no such address'));
  try {
    if (request.method === 'DELETE' && path === undefined) {
      await sent.discard(id);
      return sendJson(response, 200, { ok: true, value: null });
    }
    if (request.method !== 'PUT' || path === undefined)
      return refuse(response, 405, refused('a file is PUT'), { Allow: 'PUT, DELETE' });
    const query = Object.fromEntries(new URL(request.url ?? '', 'https://console').searchParams);
    const part = sentPart.safeParse(query).data;
    if (!part) return refuse(response, 400, new AppError('call.invalid', { issue: 'not-a-call' }), CLOSE);
    const folder = await sent.put(id, unwrap(parseSitePath(decode(path))), part, request);
    sendJson(response, 200, { ok: true, value: { folder } });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // What is left of the body is not read.
    response.setHeader('Connection', 'close');
    sendJson(response, 200, { ok: false, error: error.toJSON() });
  }
}

/** What is no UTF-8 is no path either. */
function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '\0';
  }
}

/** Parses what came from outside; from here on the engine can trust it. */
async function callByName({ call }: Served, name: string, given: unknown): Promise<unknown> {
  if (!isCallName(name)) throw new AppError('call.unknown', { name });
  const schema: z.ZodType = calls[name].params;
  return call(name, parseParams(name, schema, given ?? {}) as never);
}

/** Without a token, so in one word: `ok`, or what does not work. */
async function answerHealth(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!reads(request, response)) return;
  const trouble = troubleIn(await served.status());
  sendText(response, trouble === undefined ? 200 : 503, 'text/plain', `${trouble ?? 'ok'}\n`);
}

function troubleIn({ node, listeners, sites }: Status): 'ftp' | 'site' | undefined {
  if (node.role === 'master' && listeners.ftp === null) return 'ftp';
  return sites.some(({ error }) => error !== undefined) ? 'site' : undefined;
}

async function answerMetrics(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!mayReadMetrics(request, served.token)) return refuse(response, 401, refused('the token is missing'));
  if (!reads(request, response)) return;
  sendText(
    response,
    200,
    METRICS_TYPE,
    metricsText(await served.status(), process, Date.now(), served.ftpSessions?.()),
  );
}

/** Undefined where the body is larger than allowed. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function isCallName(name: string): name is CallName {
  return Object.hasOwn(calls, name);
}

/** The path without the query: a query is never logged. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').replace(/[?#].*$/s, '');
}

function reads(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return true;
  refuse(response, 405, refused('this is only read'), { Allow: 'GET, HEAD' });
  return false;
}

function refused(reason: string): AppError {
  return new AppError('console.refused' satisfies ErrorCode, { reason });
}

const CLOSE = { Connection: 'close' };
const SENT = '/api/sent/';
const SENT_ADDRESS = /^\/api\/sent\/([0-9a-f]{32})(?:\/(.+))?$/;

function refuseStranger(response: ServerResponse): void {
  refuse(response, 401, refused('the token is missing, or of an earlier start'), { 'WWW-Authenticate': 'Bearer' });
}

function refuse(response: ServerResponse, code: number, error: AppError, headers: Record<string, string> = {}): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  sendJson(response, code, { ok: false, error: error.toJSON() });
}

function sendJson(response: ServerResponse, code: number, value: unknown): void {
  sendText(response, code, 'application/json', JSON.stringify(value));
}

function sendText(response: ServerResponse, code: number, type: string, text: string): void {
  response.writeHead(code, {
    'Content-Type': type.includes(';') ? type : `${type}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  response.end(text);
}

/** Every answer: nothing from elsewhere runs, frames, or learns of this page. */
function secure(response: ServerResponse): void {
  response.setHeader(
    'Content-Security-Policy',
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
      "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
}
