import { request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import type { z } from 'zod';
import { bridgeResult } from '../../../shared/contract/bridge.ts';
import { type CallName, type CallParams, type CallResult, calls } from '../../../shared/contract/calls.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { parseJson } from '../../../shared/contract/parse-json.ts';
import { urlHost } from '../../engine/console/address.ts';
import { copiedFrom, readRunFile, type RunFile } from '../../engine/console/run-file.ts';
import { readConfig } from '../../engine/config/config-file.ts';
import type { Io } from './command.ts';
import { dataFolder } from './values.ts';

const CONNECT_MILLIS = 5_000;
/** How long a command waits for others on the same data folder: pairing with a master that does not answer takes its time. */
const BUSY_MILLIS = 120_000;
/** How often it looks meanwhile whether what has the folder is an engine. */
const LOOK_MILLIS = 1_000;
const ANSWER_BYTES_MAX = 256 * 1024 * 1024;

/** An engine, running or at rest: the same calls either way. */
export interface Reach {
  /** Undefined: nothing runs on the data folder. */
  readonly running: RunFile | undefined;
  call<N extends CallName>(name: N, params: CallParams<N>): Promise<CallResult<N>>;
  close(): Promise<void>;
}

/** Asks the engine that runs on this data folder, else opens the folder itself. Rejects `node.missing`, `node.busy`, `config.invalid`. */
export async function withEngine<T>(dataDir: string, work: (engine: Reach) => Promise<T>): Promise<T> {
  const engine = await reach(dataDir);
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

/** One call to the install that a command is given. Rejects as `withEngine`, and as the call. */
export function ask<N extends CallName>(
  io: Pick<Io, 'env' | 'cwd'>,
  { data }: { readonly data: string | undefined },
  name: N,
  params: CallParams<N>,
): Promise<CallResult<N>> {
  return withEngine(dataFolder(data, io), (engine) => engine.call(name, params));
}

async function reach(dataDir: string): Promise<Reach> {
  const running = await findRunning(dataDir);
  if (running) return reachRunning(running);
  await readConfig(dataDir);
  const [{ openAtRest }, ports] = await Promise.all([import('../../engine/at-rest.ts'), import('./ports.ts')]);
  const opened = await openWhenFree(dataDir, () => openAtRest(ports.quietPorts(dataDir), dataDir, LOOK_MILLIS));
  if ('port' in opened) return reachRunning(opened);
  return { running: undefined, call: (name, params) => opened.call(name, params), close: () => opened.close() };
}

/** Opens the data folder once nobody else has it open; or resolves the engine that runs on it by then. Rejects `node.busy`. */
export async function openWhenFree<T>(dataDir: string, open: () => Promise<T>): Promise<T | RunFile> {
  for (const end = performance.now() + BUSY_MILLIS; ; ) {
    try {
      return await open();
    } catch (error) {
      if (!isRunning(error)) throw error;
      // An engine that was just starting holds the folder, and answers by now; else it is a command, which ends.
      const started = await findRunning(dataDir);
      if (started) return started;
      if (performance.now() >= end) throw new AppError('node.busy', { dataDir }, error);
    }
  }
}

function isRunning(error: unknown): boolean {
  return error instanceof AppError && error.code === 'node.running';
}

/**
 * The engine that runs on this data folder and has shown its certificate; undefined where none does. Rejects `node.no-answer`, and
 * `node.twin` where it runs on another one, from which this one was copied.
 */
export async function findRunning(dataDir: string): Promise<RunFile | undefined> {
  const runFile = await readRunFile(dataDir);
  if (!runFile) return undefined;
  try {
    (await connectPinned(runFile)).destroy();
  } catch (error) {
    // Nothing listens, or another program does: the file was left behind, and its number of a process is used again.
    if (error instanceof AppError && error.code === 'link.timeout')
      throw new AppError('node.no-answer', { pid: runFile.pid }, error);
    return undefined;
  }
  const other = await copiedFrom(runFile, dataDir);
  if (other !== undefined) throw new AppError('node.twin', { dataDir: other });
  return runFile;
}

export function reachRunning(running: RunFile): Reach {
  return {
    running,
    async call(name, params) {
      const answer = parseAnswer(await post(running, JSON.stringify({ name, params })));
      if (!answer.ok) throw AppError.fromJSON(answer.error);
      const schema: z.ZodType = calls[name].result;
      const value = schema.safeParse(answer.value);
      if (!value.success) throw new AppError('link.malformed', { peer: 'The running Lockstep' }, value.error);
      return value.data as never;
    },
    close: () => Promise.resolve(),
  };
}

function parseAnswer(text: string): z.output<typeof bridgeResult> {
  const answer = bridgeResult.safeParse(parseJson(text));
  if (answer.success) return answer.data;
  throw new AppError('link.malformed', { peer: 'The running Lockstep' }, answer.error);
}

async function post(running: RunFile, body: string): Promise<string> {
  const socket = await connectPinned(running);
  return new Promise((resolve, reject) => {
    const lost = (error?: Error): void => {
      reject(new AppError('node.not-running', {}, error));
    };
    const sent = request(
      {
        method: 'POST',
        path: '/api/call',
        createConnection: () => socket,
        headers: {
          Host: `${urlHost(running.host)}:${running.port}`,
          Authorization: `Bearer ${running.token}`,
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(body),
          Connection: 'close',
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > ANSWER_BYTES_MAX) response.destroy(new AppError('limit.exceeded', { limit: 'answer' }));
          else chunks.push(chunk);
        });
        response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
        response.on('error', (error) => (error instanceof AppError ? reject(error) : lost(error)));
        response.on('aborted', () => lost());
      },
    );
    sent.on('error', lost);
    sent.end(body);
  });
}

/** The token must not reach anybody but the holder of the install's key: nothing is sent before the certificate is checked. */
function connectPinned({ host, port, fingerprint }: RunFile): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: urlHost(host).replace(/^\[|\]$/g, ''),
      port,
      minVersion: 'TLSv1.2',
      // Pinned below by fingerprint, which is stricter than any chain.
      rejectUnauthorized: false,
    });
    const giveUp = (error: AppError): void => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(CONNECT_MILLIS, () => giveUp(new AppError('link.timeout', { peer: 'The running Lockstep' })));
    socket.once('error', (error) => giveUp(new AppError('node.not-running', {}, error)));
    socket.once('secureConnect', () => {
      const shown = socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase();
      if (shown !== fingerprint) return giveUp(new AppError('link.certificate', { address: `${host}:${port}` }));
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      resolve(socket);
    });
  });
}
