import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Status, status as statusSchema } from '../../../shared/contract/status.ts';

/** The built one: the demo needs a build for its interface anyway, and it starts in a fifth of the time that the sources take. */
const CLI = fileURLToPath(new URL('../../../out/cli/lockstep.mjs', import.meta.url));
const STOP_MILLIS = 15_000;

/** An install with its own data folder, used as a person would: by the command line, its engine a process of its own. */
export class Install {
  readonly name: string;
  readonly dataDir: string;
  readonly #signal: AbortSignal | undefined;
  readonly #commands = new Set<Promise<unknown>>();
  #process: ChildProcess | undefined;

  /** Once the signal is aborted nothing more is started, and commands that run are ended. */
  constructor(name: string, dataDir: string, signal?: AbortSignal) {
    this.name = name;
    this.dataDir = dataDir;
    this.#signal = signal;
  }

  /** Of the engine, while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Runs one command on this install. Resolves what it printed; rejects with what it complained of. */
  async lockstep(...args: string[]): Promise<string> {
    this.#signal?.throwIfAborted();
    const child = spawn(process.execPath, [CLI, ...args, '--data', this.dataDir], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const kill = (): void => void child.kill('SIGKILL');
    this.#signal?.addEventListener('abort', kill);
    const closed = once(child, 'close');
    this.#commands.add(closed);
    const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr), closed]);
    this.#commands.delete(closed);
    this.#signal?.removeEventListener('abort', kill);
    this.#signal?.throwIfAborted();
    if (child.exitCode !== 0)
      throw new Error(`lockstep ${args[0]} (${this.name}): ${err.trim() || `exit ${child.exitCode}`}`);
    return out.trim();
  }

  async status(): Promise<Status> {
    return statusSchema.parse(JSON.parse(await this.lockstep('status', '--json')));
  }

  /** Starts the engine. Resolves with its ready line. */
  async run(): Promise<string> {
    this.#signal?.throwIfAborted();
    const child = spawn(process.execPath, [CLI, 'run', '--data', this.dataDir], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-4000);
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => reject(new Error(`${this.name} ended (${code}): ${complaint.trim()}`)));
      child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
    });
  }

  /** Ends the engine, gently, then not. Resolves when it and commands that were under way are gone; false where it had to be forced. */
  async stop(): Promise<boolean> {
    await Promise.allSettled(this.#commands);
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return true;
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MILLIS);
    await closed;
    clearTimeout(timer);
    return child.exitCode === 0;
  }

  /** For the very last moment of a process that can no longer wait. */
  kill(): void {
    this.#process?.kill('SIGKILL');
  }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) text += String(chunk);
  return text;
}
