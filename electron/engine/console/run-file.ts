import { readFile, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { fingerprint, port } from '../../../shared/contract/primitives.ts';
import { parseJson } from '../../../shared/contract/parse-json.ts';
import { dataFolderError } from '../tree/file-error.ts';
import { replaceFile } from '../tree/replace-file.ts';
import { isSameFolder } from '../tree/same-folder.ts';

const runFile = z.object({
  pid: z.int().min(1),
  host: z.string().min(1),
  port,
  /** Of this start. Whoever can read the file, mode 0600, may do what its owner may. */
  token: z.string().min(1),
  /** Of the certificate that the console shows. */
  fingerprint,
  /** Of which it was written. Absent: by an earlier version. */
  dataDir: z.string().optional(),
});

/** How a program of the same user reaches the running engine: `run.json` in the data folder. */
export type RunFile = z.output<typeof runFile>;

/** Rejects `node.disk-full` and its like. */
export async function writeRunFile(dataDir: string, value: Omit<RunFile, 'dataDir'>): Promise<void> {
  const written: RunFile = { ...value, dataDir: resolve(dataDir) };
  await replaceFile(runFilePath(dataDir), `${JSON.stringify(written)}\n`).catch((error: unknown) => {
    throw dataFolderError(error, dataDir);
  });
}

/**
 * Undefined where nothing runs: no file, one that is not whole, or one that a process left that is gone.
 * That its process is there proves nothing yet, as numbers of processes are used again: only its answer does.
 */
export async function readRunFile(dataDir: string): Promise<RunFile | undefined> {
  const text = await readFile(runFilePath(dataDir), 'utf8').catch(() => '');
  const parsed = runFile.safeParse(parseJson(text));
  return parsed.success && isAlive(parsed.data.pid) ? parsed.data : undefined;
}

/** Removes the file of this start, not that of another. */
export async function removeRunFile(dataDir: string, token: string): Promise<void> {
  const text = await readFile(runFilePath(dataDir), 'utf8').catch(() => '');
  if (runFile.safeParse(parseJson(text)).data?.token === token)
    await unlink(runFilePath(dataDir)).catch(() => undefined);
}

function runFilePath(dataDir: string): string {
  return join(dataDir, 'run.json');
}

/** The data folder from which it was copied, which is in use: one that was renamed while it is used is no copy. Undefined: none. */
export async function copiedFrom({ dataDir: noted, token }: RunFile, dataDir: string): Promise<string | undefined> {
  if (noted === undefined || isSameFolder(noted, dataDir)) return undefined;
  return (await readRunFile(noted))?.token === token ? noted : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and another user's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
