import { request } from 'node:https';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { EngineEvent } from '../../shared/contract/bridge.ts';
import type { Status } from '../../shared/contract/status.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { type Console, createConsole } from '../../electron/engine/console/console.ts';
import { readRunFile, type RunFile } from '../../electron/engine/console/run-file.ts';
import { loadOrCreateIdentity } from '../../electron/engine/link/identity.ts';
import { temporaryFolder } from './temporary-folder.ts';

const ftp = { host: '127.0.0.1', port: 2121, tls: 'required' } as const;

export const someStatus = (headSeq: number): Status => ({
  node: { id: 'b'.repeat(64), name: 'tokyo', role: 'master', pid: 12, version: '0.1.0' },
  running: true,
  listeners: { ftp, link: null, console: null },
  sites: [
    {
      name: 'www',
      root: '/srv/"www"',
      journal: 'c'.repeat(32),
      headSeq,
      files: 3,
      peers: [
        {
          name: 'osaka',
          id: 'a'.repeat(64),
          connected: true,
          receivedSeq: headSeq,
          publishedSeq: headSeq - 1,
          inStep: false,
          waiting: 1,
          failing: 0,
          held: 0,
        },
      ],
    },
  ],
  waiting: [],
});

export interface Served {
  readonly console: Console;
  readonly run: RunFile;
  readonly dataDir: string;
  readonly port: number;
  readonly logged: string[];
  emit(event: EngineEvent): void;
  listenerCount(): number;
}

/** A console on a stand-in for the engine that knows three calls. */
export async function serve(
  options: { staticDir?: string; port?: number; status?: Status; prepare?: (dataDir: string) => Promise<unknown> } = {},
): Promise<Served> {
  const dataDir = await temporaryFolder();
  await options.prepare?.(dataDir);
  const listeners = new Set<(event: EngineEvent) => void>();
  const logged: string[] = [];
  const console = createConsole({
    config: { host: '127.0.0.1', port: options.port ?? 0 },
    identity: await loadOrCreateIdentity(join(dataDir, 'identity')),
    sent: { put: () => Promise.resolve(dataDir), discard: () => Promise.resolve() },
    dataDir,
    ...(options.staticDir !== undefined && { staticDir: options.staticDir }),
    logger: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }),
    status: async () => options.status ?? someStatus(1),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async call(name, params) {
      if (name === 'node.status') return someStatus(1) as never;
      if (name === 'site.add') return params as never;
      if (name === 'site.remove') throw new AppError('site.unknown', { name: 'www' });
      throw new TypeError('a bug with a /secret/path');
    },
  });
  onTestFinished(() => console.stop());
  const { port } = await console.listen();
  const run = await readRunFile(dataDir);
  if (!run) throw new Error('no run.json');
  return {
    console,
    run,
    dataDir,
    port,
    logged,
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
    listenerCount: () => listeners.size,
  };
}

interface Answer {
  readonly code: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

/** A bare request: what is not said here is not sent. */
export function ask(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
  method?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        headers,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        rejectUnauthorized: false,
        agent: false,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ code: response.statusCode ?? 0, headers: response.headers, text }));
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

export const json = { 'content-type': 'application/json' };
export const bearer = (run: RunFile): Record<string, string> => ({ ...json, authorization: `Bearer ${run.token}` });
