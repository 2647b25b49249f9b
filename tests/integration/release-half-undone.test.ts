import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { MasterSite } from '../../electron/engine/master/site.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { releaseSite } from '../support/release-site.ts';
import { at, BY, put, readSite } from '../support/site-calls.ts';
import { until } from '../support/until.ts';

/*
 * A folder to which names can only be added takes the first file of a release, and does not give it back when the second one is refused: as
 * a disk that takes nothing any more from the middle of a release on.
 */

const OLD = { 'adds/': 'dir', 'closed/': 'dir', 'closed/page': 'old' };
const NEW = { ...OLD, 'adds/page': 'new', 'closed/page': 'new' };

function chattr(flag: string, folder: string): boolean {
  const { status, stderr } = spawnSync('chattr', [flag, folder], { encoding: 'utf8' });
  if (status !== 0) process.stdout.write(`skipped: no such folder can be had here (${stderr.trim()})\n`);
  return status === 0;
}

/** A site with a release of which one file is shown, and the other one is refused. `begun`: called within its transaction. Undefined: it cannot be had here. */
async function aHalf(begun: (site: MasterSite) => void = () => undefined) {
  const under = await releaseSite({
    concerns: () => {
      begun(under.site);
      return [];
    },
  });
  const { site, tree } = under;
  const [adds, closed] = [join(tree, 'adds'), join(tree, 'closed')];
  const open = (): void => {
    spawnSync('chattr', ['-a', adds]);
    spawnSync('chattr', ['-i', closed]);
  };
  onTestFinished(open);
  for (const folder of ['adds', 'closed']) await site.makeDir(at(folder), BY);
  await put(site, 'closed/page', 'old');
  const release = site.beginRelease('half', BY);
  for (const path of ['adds/page', 'closed/page']) await put(release, path, 'new');
  if (!chattr('+a', adds) || !chattr('+i', closed)) return undefined;
  const committing = release.commit().catch((error: unknown) => error);
  await until(async () => 'adds/page' in (await readSite(site)), 'a part is shown');
  return { ...under, release, committing, open };
}

test('a release that fails, and cannot be undone yet, keeps others from the site until it is', async () => {
  const half = await aHalf();
  if (!half) return;
  const { site, release, committing, open, journal } = half;
  const refused = { code: 'file.denied', params: { path: 'adds/page' } };
  await expect(put(site, 'other', 'other')).rejects.toMatchObject(refused);
  open();
  expect(await committing).toMatchObject({ code: 'file.denied', params: { path: 'closed/page' } });
  expect([await readSite(site), journal.head]).toEqual([OLD, 3]);
  await put(site, 'other', 'other');
  await release.commit();
  expect(await readSite(site)).toEqual({ ...NEW, other: 'other' });
});

test('who waits for it is told why, and so is the hourly sweep: else the end of the engine would wait for ever', async () => {
  const meanwhile: Promise<unknown>[] = [];
  const refusal = (task: Promise<unknown>) => task.catch((error: unknown) => error);
  const half = await aHalf((site) => {
    // The release has the site's lock, and nothing is done yet.
    meanwhile.push(refusal(site.sweep()), refusal(site.record(async () => [], BY)));
  });
  if (!half) return;
  meanwhile.push(refusal(half.site.sweep()));
  const refused = { code: 'file.denied', params: { path: 'adds/page' } };
  expect(await Promise.all(meanwhile)).toMatchObject([refused, refused, refused]);
  half.open();
  await half.committing;
  await half.site.sweep();
  expect(await readSite(half.site)).toEqual(OLD);
});

test('where the site is closed before it could be undone the next start does all of it', async () => {
  const half = await aHalf();
  if (!half) return;
  const { home, tree, stop, committing, open } = half;
  await stop();
  expect(await committing).toMatchObject({ code: 'file.denied' });
  await expect(releaseSite({}, home)).rejects.toMatchObject({ code: 'file.denied' });
  open();
  const { site, started, journal } = await releaseSite({}, home);
  expect([started, await readSite(site), journal.head]).toEqual([{ complete: true }, NEW, 5]);
  expect(await readdir(join(tree, '.lockstep', 'incoming'))).toEqual([]);
});

test('nor is what is staged cleared away while the database does not let a failed release be taken back', async () => {
  const { site, journal, home, tree, stop } = await releaseSite({
    // Within the transaction: all has been checked, and nothing is done yet.
    concerns: () => {
      mkdirSync(join(tree, 'z', 'in the way'), { recursive: true });
      return [];
    },
  });
  for (const name of ['gone', 'page']) await put(site, name, 'old');
  const release = site.beginRelease('full', BY);
  await release.remove(at('gone'), BY);
  for (const name of ['page', 'z']) await put(release, name, 'new');
  // Its disk is full.
  vi.spyOn(journal, 'takeBack').mockImplementationOnce(() => {
    throw new AppError('node.disk-full', { dataDir: home });
  });
  await expect(release.commit()).rejects.toMatchObject({ code: 'node.disk-full' });
  await release.abort();
  await stop();
  rmSync(join(tree, 'z'), { recursive: true });
  const again = await releaseSite({}, home);
  expect([again.started, await readSite(again.site)]).toEqual([{ complete: true }, { page: 'new', z: 'new' }]);
  expect(await readdir(join(tree, '.lockstep', 'incoming'))).toEqual([]);
});
