import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Runs commands in one process of its own, which ends with the set-up: the memory that a rig counts holds nothing of it. */
export class CommandProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (out: string) => void; reject: (error: Error) => void }>();
  #last = 0;

  constructor() {
    this.#child = fork(join(import.meta.dirname, 'commands.ts'));
    this.#child.on('message', (message: unknown) => {
      const { id, out, error } = message as { id: number; out?: string; error?: string };
      const asked = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) asked?.resolve(out ?? '');
      else asked?.reject(new Error(error));
    });
    this.#child.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('The process for commands has ended.'));
    });
  }

  /** Resolves what the command printed; rejects with what it complained of. */
  run(dataDir: string, ...args: string[]): Promise<string> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, dataDir, args });
    });
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill();
    await closed;
  }
}
