import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DriftStore } from '../../electron/engine/store/drift-store.ts';
import { MirrorState } from '../../electron/engine/store/mirror-state.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('what a person keeps is known for that also where a transaction that settles it fails', async () => {
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  const drift = new DriftStore(store, new MirrorState(store, 'www').site);
  const path = 'mine.html' as SitePath;
  const fails = (work: () => void) => () =>
    store.transaction(() => {
      work();
      throw new Error('the disk is full');
    });
  expect(fails(() => drift.note(path, 'kept', null, 1))).toThrow('the disk is full');
  expect([drift.open(path), drift.in('kept', 9)]).toEqual([undefined, []]);
  drift.note(path, 'kept', null, 1);
  expect(fails(() => drift.settle(path))).toThrow('the disk is full');
  expect(drift.open(path)).toMatchObject({ state: 'kept' });
  expect(drift.in('kept', 9)).toMatchObject([{ path }]);
  drift.settle(path);
  expect([drift.open(path), drift.in('kept', 9)]).toEqual([undefined, []]);
});
