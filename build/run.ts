import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';

/** The checkout. */
export const root = dirname(import.meta.dirname);
/** Where builds go. */
export const out = join(root, 'out');

export interface Finished {
  readonly code: number;
  /** stdout and stderr in the order in which they came; empty where the output was passed on. */
  readonly output: string;
  readonly millis: number;
}

/** Runs a program in the checkout; its output is kept (`capture`) or goes to the terminal (`show`). After `timeout` milliseconds it is ended. */
export async function run(
  command: string,
  args: readonly string[],
  how: 'capture' | 'show',
  env: NodeJS.ProcessEnv = {},
  timeout?: number,
): Promise<Finished> {
  const started = performance.now();
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    ...(timeout !== undefined && { timeout }),
    stdio: how === 'show' ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (text: string): void => {
    output += text;
  };
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve(exit ?? 1));
  });
  return { code, output, millis: performance.now() - started };
}

/** The script behind the command of a package, to be run by this very Node. */
export function packageScript(path: string): string {
  return `${root}/node_modules/${path}`;
}

export function seconds(millis: number): string {
  return `${(millis / 1000).toFixed(1)} s`;
}
