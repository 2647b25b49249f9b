import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, chown, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { rescan } from '../../electron/engine/master/rescan.ts';
import { UNFIT_MAX } from '../../electron/engine/master/unfit.ts';
import { aMaster } from '../support/a-pair.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { journalOf, watchSite } from '../support/watched-site.ts';

const NOBODY = 65_534;
const mayChange = process.platform === 'linux' && process.getuid?.() === 0;
if (!mayChange) process.stderr.write('skipped: only root can be somebody else, who may not read a folder\n');

/** A site that is watched by somebody who may not read all of it. */
async function start(prepare: (root: string) => void) {
  const begun = await open(prepare);
  const { watch } = await watchSite(begun.master);
  return { ...begun, watch };
}

async function open(prepare: (root: string) => void) {
  const folder = await temporaryFolder();
  const root = join(folder, 'site');
  await mkdir(root);
  for (const each of [dirname(folder), folder, root]) await chmod(each, (await stat(each)).mode | 0o055);
  for (const each of [folder, root]) await chown(each, NOBODY, NOBODY);
  prepare(root);
  process.seteuid?.(NOBODY);
  onTestFinished(() => process.seteuid?.(0));
  const master = await aMaster([], folder);
  const asRoot = (work: () => void): void => {
    process.seteuid?.(0);
    work();
    process.seteuid?.(NOBODY);
  };
  return {
    master,
    asRoot,
    at: (path: string) => join(root, path),
    journal: () => journalOf(master),
    site: master.site,
  };
}

const fill = (folder: string, mode: number): void => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'page.html'), 'page');
  chmodSync(folder, mode);
};

test.runIf(mayChange).each([
  ['that is there before', 0o700],
  ['that comes later', 0o700],
  ['that is there before, of which names alone can be read,', 0o744],
  ['that comes later, of which names alone can be read,', 0o744],
])('a folder %s is published, and watched, once it may be read', async (when, mode) => {
  const isLater = when.startsWith('that comes');
  const { asRoot, at, journal, site } = await start((root) => (isLater ? undefined : fill(join(root, 'drop'), mode)));
  if (isLater) asRoot(() => fill(at('drop'), mode));
  await until(() => journal().length === 1, journal);
  const told = () => site.unfit.all.map(({ path }) => path.toString());
  await until(() => told().length === 1, 'it is told');
  expect(told()).toEqual(['drop']);
  asRoot(() => chmodSync(at('drop'), 0o755));
  await until(() => journal().length === 2, journal);
  asRoot(() => writeFileSync(at('drop/other.html'), 'other'));
  await until(() => journal().length === 3, journal);
  expect(journal()).toEqual(['mkdir drop scan', 'put drop/page.html 4 scan', 'put drop/other.html 5 scan']);
});

test.runIf(mayChange)('what was deleted in a folder while that could not be read is gone once it can', async () => {
  const { asRoot, at, journal, site, watch } = await start((root) => fill(join(root, 'drop'), 0o755));
  await until(() => journal().length === 2, journal);
  asRoot(() => {
    chmodSync(at('drop'), 0o700);
    rmSync(at('drop/page.html'));
  });
  await until(() => site.unfit.all.length === 1, 'it cannot be looked at');
  asRoot(() => chmodSync(at('drop'), 0o755));
  await sleep(1_000);
  expect(journal().length).toBe(2);
  site.unfit.look(watch);
  await until(() => journal().length === 3, journal);
  expect(journal()[2]).toBe('delete drop/page.html scan');
});

test.runIf(mayChange)('so is all that came into it meanwhile, though that is more than is remembered', async () => {
  const { asRoot, at, site, watch } = await start((root) => fill(join(root, 'drop'), 0o755));
  await until(() => site.journal.index.files() === 1, 'it is read');
  asRoot(() => {
    chmodSync(at('drop'), 0o700);
    for (let index = 0; index < UNFIT_MAX + 50; index += 1) writeFileSync(at(`drop/${index}.txt`), `${index}`);
  });
  await until(() => site.unfit.all.length === UNFIT_MAX, 'it cannot be looked at');
  await sleep(1_000);
  asRoot(() => chmodSync(at('drop'), 0o755));
  const looking = setInterval(() => site.unfit.look(watch), 100);
  onTestFinished(() => clearInterval(looking));
  await until(
    () => site.journal.index.files() === UNFIT_MAX + 51,
    () => site.journal.index.files(),
  );
  await until(() => watch.trouble === undefined, 'it goes on');
  expect(site.unfit.all).toEqual([]);
});

test.runIf(mayChange)('in a site that is not watched a file that can be read by now is told until it was', async () => {
  const { asRoot, at, journal, site } = await open((root) => {
    for (const name of ['page.html', 'other.html']) {
      writeFileSync(join(root, name), 'page');
      chmodSync(join(root, name), 0o600);
    }
  });
  await rescan(site);
  asRoot(() => {
    chmodSync(at('page.html'), 0o644);
    rmSync(at('other.html'));
  });
  site.unfit.look();
  expect(site.unfit.all.map(({ path }) => path.toString())).toEqual(['page.html']);
  await rescan(site);
  expect([journal(), site.unfit.all]).toEqual([['put page.html 4 scan'], []]);
});
