import { readdir, utimes, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Incoming } from '../../electron/engine/master/incoming.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const [old, fresh] = ['a'.repeat(32), 'b'.repeat(32)];

test('an upload that was under way is continued after the end of the process, and not after that of the machine', async () => {
  const folder = await temporaryFolder();
  for (const key of [old, fresh]) await writeFile(join(folder, `up-${key}-${'0'.repeat(16)}`), 'the beginning');
  const before = Date.now() / 1000 - uptime() - 60;
  await utimes(join(folder, `up-${old}-${'0'.repeat(16)}`), before, before);
  await new Incoming(folder).sweep(Date.now(), true);
  expect(await readdir(folder)).toEqual([`part-${fresh}`]);
});
