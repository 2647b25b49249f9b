import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freeingLater, unlinkFreeing } from '../../electron/engine/tree/free-later.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

/** What this process holds open in a folder. */
function heldOpen(folder: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(join('/proc/self/fd', fd));
      return target.startsWith(folder) ? [target] : [];
    } catch {
      return [];
    }
  });
}

/** What is held open right after the name at `file` was taken, and after a while. */
async function heldAround(file: string, folder: string): Promise<string[]> {
  let held: string[] = [];
  freeingLater(file, lstatSync(file, { throwIfNoEntry: false }), () => {
    unlinkSync(file);
    held = heldOpen(folder);
  });
  await until(() => heldOpen(folder).length === 0);
  return held;
}

describe.runIf(process.platform === 'linux')('the space of a file that loses its name', () => {
  it('is given back once the name is gone', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'file');
    writeFileSync(file, 'old');
    expect(await heldAround(file, folder)).toEqual([`${file} (deleted)`]);
    expect(existsSync(file)).toBe(false);
  });

  it('stays with its other name', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'file');
    writeFileSync(file, 'old');
    linkSync(file, join(folder, 'other'));
    expect(await heldAround(file, folder)).toEqual([]);
  });

  it('is not that of what a link leads to, and no pipe is waited for', async () => {
    const folder = await temporaryFolder();
    writeFileSync(join(folder, 'file'), 'kept');
    symlinkSync('file', join(folder, 'link'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(await heldAround(join(folder, 'link'), folder)).toEqual([]);
    expect(await heldAround(join(folder, 'pipe'), folder)).toEqual([]);
    expect(readdirSync(folder)).toEqual(['file']);
  });
});

it('a name that is not there is told as the file system tells it', async () => {
  const file = join(await temporaryFolder(), 'file');
  expect(() => unlinkFreeing(file)).toThrow('ENOENT');
});
