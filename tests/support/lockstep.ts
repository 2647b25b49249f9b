import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The built one, as it is shipped: it starts in a fifth of the time that the sources take. */
export const CLI = fileURLToPath(new URL('../../out/cli/lockstep.mjs', import.meta.url));

/** Twice what the longest takes that a test waits for on a slow machine. */
const HANGS_MILLIS = 240_000;

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs one command line to its end, as its own process. */
export async function lockstep(
  args: readonly string[],
  options: { input?: string; env?: NodeJS.ProcessEnv; uid?: number } = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...process.env, ...options.env },
    ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
  });
  const [out, err] = [collect(child.stdout), collect(child.stderr)];
  child.stdin.end(options.input ?? '');
  const said = (): string => `${out()}${err()}`;
  await inTime(once(child, 'close'), () => `lockstep ${args.join(' ')} has not ended: ${said()}`);
  return { code: child.exitCode, out: out(), err: err() };
}

export interface RunningLockstep {
  readonly process: ChildProcess;
  readonly ready: string;
  /** Sends the signal, and resolves how it ended. */
  end(signal?: NodeJS.Signals): Promise<Outcome & { signal: NodeJS.Signals | null }>;
}

/** `lockstep run`, once it has printed its line. It is ended with the test. */
export function runLockstep(dataDir: string, ...args: string[]): Promise<RunningLockstep> {
  return runUntilReady([process.execPath, CLI, 'run', '--data', dataDir, ...args]);
}

/** The same by another command line, that begins with the program. */
export async function runUntilReady(
  [program = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<RunningLockstep> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const [out, err] = [collect(child.stdout), collect(child.stderr)];
  const closed = once(child, 'close');
  const end = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<Outcome & { signal: NodeJS.Signals | null }> => {
    child.kill(signal);
    await closed;
    return { code: child.exitCode, signal: child.signalCode, out: out(), err: err() };
  };
  onTestFinished(async () => void (await end('SIGKILL')));
  const started = Promise.race([
    once(child.stdout, 'data'),
    closed.then(() => {
      throw new Error(`lockstep run ended with ${child.exitCode}: ${err()}`);
    }),
  ]);
  await inTime(started, () => `lockstep run is not ready: ${err()}`);
  return { process: child, ready: out().trim(), end };
}

/** Rejects where something takes longer than a slow machine does: a test that ends by its own limit tells nothing of where it stood. */
async function inTime<T>(work: Promise<T>, what: () => string): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(what())), HANGS_MILLIS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}
