import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../out/cli/lockstep.mjs', import.meta.url));
const START_MILLIS = 120_000;
const COLLECT_MILLIS = 30_000;

/** An install: a data folder, the folder of its site, and the process of `lockstep run`, which may be ended in any way. */
export class Node {
  readonly name: string;
  readonly dataDir: string;
  readonly root: string;
  readonly #log: string;
  #process: ChildProcess | undefined;
  #frozen = false;
  /** Where its inspector listens. */
  #inspector = '';
  /** Starts, each a process of its own. */
  starts = 0;

  constructor(name: string, folder: string, root = join(folder, `${name} site`)) {
    this.name = name;
    this.dataDir = join(folder, name);
    this.root = root;
    this.#log = join(folder, `${name}.log`);
  }

  /** Of the process that runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get isUp(): boolean {
    return this.#process !== undefined && !this.#frozen;
  }

  /** One command line on this install; rejects with what it complained of. */
  async lockstep(args: readonly string[], input = ''): Promise<string> {
    const { code, out, err } = await this.try(args, input);
    if (code !== 0) throw new Error(`${this.name}: lockstep ${args.join(' ')} exits ${code}: ${err}`);
    return out.trim();
  }

  async try(args: readonly string[], input = ''): Promise<{ code: number | null; out: string; err: string }> {
    const child = spawn(process.execPath, [CLI, ...args, '--data', this.dataDir]);
    const [out, err] = [collect(child.stdout), collect(child.stderr)];
    child.stdin.on('error', () => undefined).end(input);
    await once(child, 'close');
    return { code: child.exitCode, out: out(), err: err() };
  }

  /** Resolves once it has printed that it is ready. */
  async start(): Promise<void> {
    const inspected = ['--inspect=127.0.0.1:0', CLI, 'run', '--data', this.dataDir];
    const child = spawn(process.execPath, inspected, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    this.starts += 1;
    const note = (text: string): void => appendFileSync(this.#log, text);
    note(`-- start ${this.starts}, process ${child.pid}, ${new Date().toISOString()}\n`);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#inspector = /ws:\/\/\S+/u.exec(text)?.[0] ?? this.#inspector;
      note(text);
    });
    const ready = once(child.stdout, 'data');
    const ended = once(child, 'close').then(() => {
      note(`-- ended: ${child.exitCode ?? child.signalCode}\n`);
      if (this.#process === child) this.#process = undefined;
      return 'ended' as const;
    });
    const first = await Promise.race([ready, ended, sleep(START_MILLIS, 'late' as const, { ref: false })]);
    child.stdout.resume();
    if (first === 'ended' || first === 'late')
      throw new Error(`${this.name} did not start (${first}): see ${this.#log}`);
  }

  /** Ends the process in this way. Resolves once it is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    this.thaw();
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
    this.#process = undefined;
  }

  /** Has V8 collect all garbage of the process that runs. Bytes that are in use then: objects, and the buffers that they hold. */
  async collectGarbage(): Promise<number> {
    const signal = AbortSignal.timeout(COLLECT_MILLIS);
    const inspector = new WebSocket(this.#inspector);
    await once(inspector, 'open', { signal });
    const ask = async (method: string): Promise<Record<string, number>> => {
      inspector.send(JSON.stringify({ id: 1, method }));
      const [{ data }] = (await once(inspector, 'message', { signal })) as [MessageEvent<string>];
      return (JSON.parse(data) as { result: Record<string, number> }).result;
    };
    await ask('HeapProfiler.collectGarbage');
    const { usedSize = NaN, backingStorageSize = NaN } = await ask('Runtime.getHeapUsage');
    inspector.close();
    return usedSize + backingStorageSize;
  }

  freeze(): void {
    this.#frozen = this.#process?.kill('SIGSTOP') ?? false;
  }

  thaw(): void {
    if (this.#frozen) this.#process?.kill('SIGCONT');
    this.#frozen = false;
  }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}
