import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findWriters, isWriting } from '../../electron/engine/master/watch/writers.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const isLinux = process.platform === 'linux';
if (!isLinux) process.stderr.write('who has a file open for writing can be seen on Linux only\n');

async function filesIn(folder: string, names: readonly string[]) {
  return new Map(
    await Promise.all(names.map(async (name) => [name as SitePath, await stat(join(folder, name))] as const)),
  );
}

test.runIf(isLinux)(
  'who has a file open for writing is found, whatever it was opened by; who reads it is not',
  async () => {
    const folder = await temporaryFolder();
    const names = ['written', 'appended', 'read', 'closed', 'other'];
    for (const name of names) await writeFile(join(folder, name), name);
    await symlink(folder, join(folder, 'here'));
    for (const [name, flags] of [
      ['here/written', 'r+'],
      ['appended', 'a'],
      ['read', 'r'],
    ] as const) {
      const handle = await open(join(folder, name), flags);
      onTestFinished(() => handle.close());
    }
    const elsewhere = await open(join(await temporaryFolder(), 'other'), 'w');
    onTestFinished(() => elsewhere.close());
    const found = await findWriters(await filesIn(folder, names));
    expect([...found.keys()].toSorted()).toEqual(['appended', 'written']);
  },
);

test.runIf(isLinux)('a descriptor of another program is known until it is closed', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'copy');
  const copying = spawn('sh', ['-c', 'exec 9>"$0"; read go; exec 9>&-; echo closed; read end', file]);
  onTestFinished(() => void copying.kill());
  const seen = async () => findWriters(await filesIn(folder, ['copy']).catch(() => new Map()));
  await until(async () => (await seen()).size === 1, 'it is open');
  const [[path, at = ''] = []] = await seen();
  expect([path, at]).toEqual(['copy', `/proc/${copying.pid}/fd/9`]);
  const info = await stat(file);
  expect([isWriting(at, info), isWriting(at, await stat(folder))]).toEqual([true, false]);
  copying.stdin.write('\n');
  await once(copying.stdout, 'data');
  expect([isWriting(at, info), (await seen()).size]).toEqual([false, 0]);
});
