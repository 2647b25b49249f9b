import { cp, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, inProcess, newMaster } from '../support/commands.ts';
import { lockstep, runLockstep } from '../support/lockstep.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/* Two data folders of one install, where one was copied or restored. */

test('of an install that was restored into another data folder only one works at a time, whichever it is', async () => {
  const { dataDir: old, root } = await newMaster();
  await ask('site add', old, 'www', root);
  await writeFile(join(root, 'one.txt'), 'one');
  const folder = await temporaryFolder();
  const [backup, restored] = [join(folder, 'backup.db'), join(folder, 'restored')];
  await ask('backup', old, backup);
  await ask('restore', restored, backup);

  const running = await runLockstep(restored);
  const owner = await readFile(join(root, '.lockstep', 'owner.json'), 'utf8');
  // What is at rest works in the folders of the sites, too.
  for (const command of [['run'], ['status'], ['site', 'remove', 'www']]) {
    const { code, err } = await lockstep([...command, '--data', old]);
    expect([command, code, err]).toEqual([command, 1, expect.stringContaining('(node.twin)')]);
    expect(err).toContain(`“${restored}”`);
  }
  expect(await readFile(join(root, '.lockstep', 'owner.json'), 'utf8')).toBe(owner);
  expect(await inProcess(['status', '--data', restored])).toMatchObject({ code: 0 });
  await running.end();

  const again = await runLockstep(old);
  expect(await lockstep(['run', '--data', restored])).toMatchObject({
    code: 1,
    err: expect.stringContaining(`“${old}”`),
  });
  await again.end();
  expect(await lockstep(['status', '--data', restored])).toMatchObject({ code: 0 });
});

test.each(['with a site', 'without one'])(
  'a data folder that was copied while it is used is refused by name, and one that was renamed is not: %s',
  async (how) => {
    const { dataDir, root } = await newMaster();
    if (how === 'with a site') await ask('site add', dataDir, 'www', root);
    const running = await runLockstep(dataDir);
    const copy = join(await temporaryFolder(), 'copy');
    await cp(dataDir, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') });
    const commands = [['run'], ['status'], ['site', 'remove', 'www'], ['console'], ['wait']];
    for (const command of commands) {
      const { code, err } = await lockstep([...command, '--data', copy]);
      expect([command, code, err]).toEqual([command, 1, expect.stringContaining('(node.twin)')]);
      expect(err).toContain(`“${dataDir}”`);
    }
    const moved = `${dataDir}-moved`;
    await rename(dataDir, moved);
    expect(await lockstep(['console', '--data', moved])).toMatchObject({ code: 0 });
    await rename(moved, dataDir);
    await running.end();
    expect(await lockstep(['status', '--data', copy])).toMatchObject({ code: 0 });
  },
);
