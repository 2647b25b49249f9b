import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Windows has a short name for it (`LOCKST~1`); where there are none, a mount has the same identity under another name. */
test('the reserved folder is refused by any other name that the system has for it', async (context) => {
  const folder = await temporaryFolder();
  const root = await SiteRoot.open(folder, true);
  const alias = 'LOCKST~1';
  await mkdir(join(folder, alias));
  const mounted = spawnSync('mount', ['--bind', join(folder, '.lockstep'), join(folder, alias)]);
  if (mounted.status !== 0) {
    process.stderr.write('no mounts can be made here: the test of other names of the reserved folder is left out\n');
    return context.skip();
  }
  onTestFinished(() => void spawnSync('umount', [join(folder, alias)]));
  const path = alias as SitePath;
  await expect(root.stat(path)).rejects.toMatchObject({ code: 'path.reserved' });
  await expect(root.statOrUndefined(path)).rejects.toMatchObject({ code: 'path.reserved' });
  await expect(root.resolve(path)).rejects.toMatchObject({ code: 'path.reserved' });
});
