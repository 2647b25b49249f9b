import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { startMaster, startMirror } from '../support/master-and-mirror.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';

test('a mirror that was started again is told the word again, also where a file of the release was changed since', async () => {
  const master = await startMaster(await temporaryFolder());
  onTestFinished(() => master.stop());
  const folder = await temporaryFolder();
  const mirror = await startMirror(folder, 'tokyo');
  // Its source is out of reach: nothing is published here.
  mirror.connect(master, 1);
  const release = master.site.beginRelease('both', { account: 'tester' });
  const upload = await release.beginUpload('a' as SitePath, { by: { account: 'tester' } });
  await upload.write(Buffer.from('first'));
  await upload.commit();
  await release.commit({ together: { limit: 60_000 } });
  // All up to the release counts as shown: the word is given.
  await master.put('a', 'second');
  for (const end = Date.now() + 10_000; mirror.heard.releaseGo === undefined && Date.now() < end; ) await sleep(5);
  expect(mirror.heard.releaseGo).toBe(1);
  await mirror.stop();
  const again = await startMirror(folder, 'tokyo');
  onTestFinished(() => again.stop());
  again.connect(master);
  await again.inStep(master);
  expect(await readTree(again.rootFolder)).toEqual(await readTree(master.rootFolder));
});
