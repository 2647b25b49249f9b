import { spawnSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aMaster } from '../support/a-pair.ts';
import { startMirror } from '../support/master-and-mirror.ts';
import { BY, put } from '../support/site-calls.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';

/*
 * A folder to which names can only be added takes the first file of a release, and does not give it back when the second one is refused: as
 * a disk that takes nothing any more from the middle of a release on.
 */

function chattr(flag: string, folder: string): boolean {
  const { status, stderr } = spawnSync('chattr', [flag, folder], { encoding: 'utf8' });
  if (status !== 0) process.stdout.write(`skipped: no such folder can be had here (${stderr.trim()})\n`);
  return status === 0;
}

/** A mirror that shows one file of a release, and was refused the other one. Undefined: it cannot be had here. */
async function aHalf() {
  const folder = await mkdtemp(join(await temporaryFolder(), 'mirror-'));
  const master = await aMaster();
  const mirror = await startMirror(folder, 'tokyo');
  onTestFinished(() => mirror.stop());
  mirror.connect(master);
  for (const each of ['adds', 'closed']) await master.mkdir(each);
  await master.put('closed/page', 'old');
  await mirror.inStep(master);
  const [adds, closed] = [join(mirror.rootFolder, 'adds'), join(mirror.rootFolder, 'closed')];
  const open = (): void => {
    spawnSync('chattr', ['-a', adds]);
    spawnSync('chattr', ['-i', closed]);
  };
  onTestFinished(open);
  if (!chattr('+a', adds) || !chattr('+i', closed)) return undefined;
  const release = master.site.beginRelease('half', BY);
  for (const path of ['adds/page', 'closed/page']) await put(release, path, 'new');
  await release.commit();
  const read = () => readTree(mirror.rootFolder);
  await until(async () => 'adds/page' in (await read()), 'a part is shown');
  return { folder, master, mirror, open, read };
}

test('what of a release could not be undone at a mirror goes as soon as it can, also where the master has deleted it meanwhile', async () => {
  const half = await aHalf();
  if (!half) return;
  const { master, mirror, open, read } = half;
  await master.remove('adds/page');
  await master.put('closed/page', 'newer');
  await until(() => mirror.site.state.cursor === master.journal.head, 'it has heard of that');
  open();
  await mirror.inStep(master);
  expect(await read()).toEqual(await readTree(master.rootFolder));
});

test('until then a person is told why nothing is published, and nobody waits for it', async () => {
  const half = await aHalf();
  if (!half) return;
  const { master, mirror, open, read } = half;
  await until(() => mirror.site.standing(10).length > 0, 'a reason is shown');
  const reason = { kind: 'failing', error: { code: 'file.denied', params: { path: 'adds/page' } } };
  expect(mirror.site.standing(10)).toMatchObject([reason]);
  await mirror.site.sweep(0);
  await master.put('other', 'other');
  await until(() => mirror.site.state.cursor === master.journal.head, 'it has heard of that');
  expect(await read()).not.toHaveProperty('other');
  open();
  await until(async () => 'other' in (await read()), 'what waited is shown');
  for (const path of ['adds/page', 'closed/page']) await mirror.site.resolve(path, 'publish', 'tokyo');
  await mirror.inStep(master);
  expect(await read()).toEqual(await readTree(master.rootFolder));
});

test('where a mirror ends before it could be undone the next start does all of it', async () => {
  const half = await aHalf();
  if (!half) return;
  const { folder, master, mirror, open, read } = half;
  await mirror.stop();
  expect(await read()).toMatchObject({ 'closed/page': expect.stringContaining('old') });
  open();
  master.hide();
  const again = await startMirror(folder, 'tokyo');
  onTestFinished(() => again.stop());
  expect(await read()).toEqual(await readTree(master.rootFolder));
});
