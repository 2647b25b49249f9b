import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { z } from 'zod';
import { AppError } from '../../../shared/errors/app-error.ts';
import { parseJson } from '../../../shared/contract/parse-json.ts';
import { splitAddress } from './connect.ts';

const REPLY_BYTES_MAX = 64 * 1024;
const REPLY_MILLIS = 20_000;

export interface Post<T> {
  /** Open, and pinned. */
  readonly socket: TLSSocket;
  /** Of the other end, for errors. */
  readonly address: string;
  readonly path: string;
  readonly body: object;
  readonly reply: z.ZodType<T>;
}

/** Asks an install one thing over a connection that is used for nothing else. Rejects `link.lost`, `link.timeout`, `link.foreign`. */
export function postJson<T>({ socket, address, path, body, reply }: Post<T>): Promise<T> {
  const { host } = splitAddress(address);
  return new Promise((resolve, reject) => {
    const lost = (error?: unknown): void => reject(new AppError('link.lost', { address }, error));
    const sent = request(
      {
        method: 'POST',
        path,
        host,
        createConnection: () => socket,
        headers: { 'Content-Type': 'application/json', Connection: 'close' },
        timeout: REPLY_MILLIS,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > REPLY_BYTES_MAX) response.destroy(new Error('too long'));
        });
        response.on('error', lost);
        response.on('end', () => {
          const parsed = reply.safeParse(parseJson(text));
          if (parsed.success) resolve(parsed.data);
          else reject(new AppError('link.foreign', { address }, parsed.error));
        });
      },
    );
    sent.on('timeout', () => {
      reject(new AppError('link.timeout', { address }));
      sent.destroy();
    });
    sent.on('error', lost);
    sent.end(JSON.stringify(body));
  });
}
