import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { z } from 'zod';
import { commandOutputs } from '../../shared/contract/command-line.ts';
import { main } from '../../electron/entry/cli/main.ts';
import { lockstep, type Outcome } from './lockstep.ts';
import { temporaryFolder } from './temporary-folder.ts';

type Words = keyof typeof commandOutputs;

type Result<W extends Words> = z.output<(typeof commandOutputs)[W]>;

/** Runs a command with `--json` on a data folder; its output must be what docs/json.md promises. */
export async function json<W extends Words>(words: W, dataDir: string, ...args: string[]): Promise<Result<W>> {
  return promised(words, await lockstep([...words.split(' '), ...args, '--data', dataDir, '--json']));
}

/** The same without a process of its own: faster where there are many. */
export async function ask<W extends Words>(words: W, dataDir: string, ...args: string[]): Promise<Result<W>> {
  return promised(words, await inProcess([...words.split(' '), ...args, '--data', dataDir, '--json']));
}

function promised<W extends Words>(words: W, { code, out, err }: Outcome): Result<W> {
  expect({ words, code, err }).toEqual({ words, code: 0, err: '' });
  expect(out.trim().split('\n')).toHaveLength(1);
  const schema: z.ZodType = commandOutputs[words];
  const value: unknown = JSON.parse(out);
  expect(schema.parse(value)).toEqual(value);
  return value as Result<W>;
}

/** A master that was just made, and an empty folder for its site. */
export async function newMaster(): Promise<{ dataDir: string; root: string }> {
  const folder = await temporaryFolder();
  const [dataDir, root] = [join(folder, 'master'), join(folder, 'www')];
  await mkdir(root);
  const listen = ['--ftp', '127.0.0.1:0', '--link', '127.0.0.1:0', '--plain-ftp'];
  await json('init', dataDir, '--role', 'master', '--name', 'tokyo', ...listen);
  return { dataDir, root };
}

/** A command line without a process of its own, for many of them. */
export async function inProcess(args: readonly string[]): Promise<Outcome> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await main(args, {
    out: (line) => void out.push(`${line}\n`),
    err: (line) => void err.push(`${line}\n`),
    stdin: process.stdin,
    outIsTerminal: false,
    errIsTerminal: false,
    env: {},
    cwd: process.cwd(),
    now: () => Date.now(),
  });
  return { code, out: out.join(''), err: err.join('') };
}
