import { renameSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { rescan } from '../../electron/engine/master/rescan.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { until } from '../support/until.ts';
import { journalOf, watchedSite } from '../support/watched-site.ts';

/** A site with two builds of its pages; all of it was looked at when they had stood there for longer than two clocks may differ. */
async function twoBuilds() {
  const site = await watchedSite(async (root) => {
    for (let index = 0; index < 60; index += 1) await writeFile(join(root, `${index}.html`), 'x');
    for (const build of ['current', 'last']) {
      await mkdir(join(root, build, 'pages'), { recursive: true });
      for (let index = 0; index < 12; index += 1)
        await writeFile(join(root, build, 'pages', `${build}-${index}.html`), `${build} ${index}`);
    }
  });
  const { index } = site.master.journal;
  await until(
    () => index.files() === 84,
    () => index.files(),
  );
  const now = Date.now;
  const later = vi.spyOn(Date, 'now').mockImplementation(() => now() + 61_000);
  onTestFinished(() => later.mockRestore());
  await site.scans.scan();
  await sleep(1_500);
  const has = (path: string) => index.entry(path as SitePath) !== undefined;
  return { ...site, journal: () => journalOf(site.master), has };
}

const pagesOf = (build: string, folder: string) =>
  Array.from({ length: 12 }, (_, index) => `${folder}/pages/${build}-${index}.html`);

test('who puts the last build in the place of the current one is not asked whether a disk is missing', async () => {
  const { at, watch, journal, has } = await twoBuilds();
  await rename(at('current'), at('bad'));
  await rename(at('last'), at('current'));
  await until(() => watch.trouble !== undefined || !pagesOf('current', 'current').some(has), journal);
  expect(watch.trouble).toBeUndefined();
  expect(pagesOf('last', 'current').every(has)).toBe(true);
});

test('nor who has two builds change places while nobody watches', async () => {
  const { master, at, watch, has } = await twoBuilds();
  await watch.stop();
  renameSync(at('current'), at('other'));
  renameSync(at('last'), at('current'));
  renameSync(at('other'), at('last'));
  expect(await rescan(master.site)).toMatchObject({ found: 88, changed: 48 });
  expect([...pagesOf('last', 'current'), ...pagesOf('current', 'last')].every(has)).toBe(true);
});

test('a folder with nothing in it is asked about, whatever it came with: a disk may be missing there', async () => {
  const { master, at, watch } = await twoBuilds();
  await watch.stop();
  await mkdir(at('bare/pages'), { recursive: true });
  await rescan(master.site);
  await sleep(1_500);
  await rm(at('current'), { recursive: true });
  await rename(at('bare'), at('current'));
  await expect(rescan(master.site)).rejects.toMatchObject({ code: 'guard.held', params: { count: 12, of: 84 } });
});
