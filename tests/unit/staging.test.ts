import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { Staging } from '../../electron/engine/mirror/staging.ts';
import { MirrorState } from '../../electron/engine/store/mirror-state.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const HASH = '0'.repeat(64);

async function aStaging() {
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  const root = await SiteRoot.open(await temporaryFolder(), true);
  const staging = new Staging(root, new MirrorState(store, 'www'), pino({ level: 'silent' }));
  await writeFile(staging.absolute('r-1'), 'content');
  await utimes(staging.absolute('r-1'), 1000, 1000);
  return staging;
}

test('what was ready and is not wanted any more is where the next fetch of its content looks', async () => {
  const staging = await aStaging();
  staging.giveBack('r-1', HASH);
  expect(await readdir(staging.folder)).toEqual([staging.nameOf(HASH)]);
});

test('what is being fetched of the same content, with another time, is not replaced by it', async () => {
  const staging = await aStaging();
  const fetched = staging.absolute(staging.nameOf(HASH));
  await writeFile(fetched, 'content');
  await utimes(fetched, 2000, 2000);
  staging.giveBack('r-1', HASH);
  expect(await readdir(staging.folder)).toEqual([staging.nameOf(HASH)]);
  expect(await readFile(fetched, 'utf8')).toBe('content');
  expect((await stat(fetched)).mtimeMs).toBe(2_000_000);
});
