import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

const run = promisify(execFile);

/** A file system of a few megabytes; undefined where this machine lets nobody make one. */
export async function smallDisk(bytes: number): Promise<string | undefined> {
  const folder = await temporaryFolder();
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'lockstep-test', folder]);
  } catch (error) {
    process.stdout.write(`skipped: no small disk can be made here (${String(error).split('\n')[0]})\n`);
    return undefined;
  }
  onTestFinished(async () => void (await run('umount', ['-l', folder])));
  return folder;
}

/** Takes all that is free on it; resolves the file that has it. */
export async function fill(disk: string): Promise<string> {
  const file = join(disk, 'filler');
  for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 2))
    for (let full = false; !full; )
      await writeFile(file, Buffer.alloc(size), { flag: 'a' }).catch(() => {
        full = true;
      });
  return file;
}

/** With other options of mount(8), `ro` say. */
export async function remount(disk: string, options: string): Promise<void> {
  await run('mount', ['-o', `remount,${options}`, disk]);
}
