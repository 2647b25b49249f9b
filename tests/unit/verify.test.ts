import { statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { verify } from '../../electron/engine/mirror/verify.ts';
import { MirrorState } from '../../electron/engine/store/mirror-state.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('on a disk that folds case what somebody has given another spelling is not there, whatever its size and time', async () => {
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  const root = await SiteRoot.open(await temporaryFolder(), true);
  const state = new MirrorState(store, 'www');
  const [file, folder, other] = ['Page', 'News', 'other'] as SitePath[] as [SitePath, SitePath, SitePath];
  for (const path of [file, other]) {
    await writeFile(join(root.folder, path), 'x');
    const mtime = Math.round(statSync(join(root.folder, path)).mtimeMs);
    state.setEntry(path, { kind: 'file', size: 1, mtime, sha256: '0'.repeat(64) }, 1);
  }
  await mkdir(join(root.folder, folder));
  state.setEntry(folder, { kind: 'dir' }, 1);
  // Such a disk answers to both.
  vi.spyOn(root, 'hasName').mockImplementation((path) => path === other);
  const options = { now: () => 1, isPending: () => false, onTransfer: () => undefined, keeps: () => false };
  expect(await verify({ state, root, ...options })).toEqual({ found: 3, changed: 2 });
  expect([file, folder, other].filter((path) => state.wants.of(path))).toEqual([file, folder]);
});
