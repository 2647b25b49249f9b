import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Hooks } from '../../electron/engine/hooks/hooks.ts';
import type { Watcher } from '../../electron/engine/mirror/site-parts.ts';
import type { Store } from '../../electron/engine/store/open.ts';
import { hookServer, startHooks } from '../support/hooks.ts';
import { startMaster, startMirror, type TestMirror } from '../support/master-and-mirror.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('what becomes visible while there is no link is told, and after a crash what was not told, when the site is open again', async () => {
  const folder = await temporaryFolder();
  const { url, told } = await hookServer(() => 200);
  const own = [{ on: 'published', url }] as const;
  const master = await startMaster(join(folder, 'master'));
  onTestFinished(() => master.stop());
  let hooks: Hooks;
  const watch = async (store: Store): Promise<Watcher> => {
    ({ hooks } = await startHooks(folder, own, store));
    return {
      isHeard: () => hooks.wants('published'),
      fetched: () => undefined,
      fared: (rows) => hooks.fared('www', rows),
    };
  };
  /** As where a crash comes before anything is gathered. */
  const deaf = async (store: Store): Promise<Watcher> => ({ ...(await watch(store)), fared: () => undefined });
  const start = (watching: typeof watch) => startMirror(join(folder, 'mirror'), 'tokyo', {}, undefined, watching);
  const stop = async (mirror: TestMirror): Promise<void> => {
    // What was taken is noted as such, or it is told again.
    await expect.poll(() => hooks.status.map(({ queued }) => queued)).toEqual([0]);
    await hooks.stop();
    await mirror.stop();
  };

  const paths = (): string[] => told().flatMap(({ changes }) => changes.map(({ path }) => path));

  const first = await start(watch);
  first.connect(master);
  await master.put('a.txt', 'A');
  await first.inStep(master);
  await expect.poll(paths).toEqual(['a.txt']);
  first.cut();
  // It is missed, and fetched again, without a link.
  await rm(join(first.rootFolder, 'a.txt'));
  await first.site.rescan();
  await expect.poll(paths).toEqual(['a.txt', 'a.txt']);
  await stop(first);

  const second = await start(deaf);
  second.connect(master);
  await master.put('b.txt', 'B');
  await master.remove('a.txt');
  await second.inStep(master);
  await stop(second);
  expect(paths()).toHaveLength(2);

  const third = await start(watch);
  await expect.poll(paths).toEqual(['a.txt', 'a.txt', 'b.txt', 'a.txt']);
  third.connect(master);
  await master.put('c.txt', 'C');
  await third.inStep(master);
  await expect
    .poll(() =>
      told()
        .at(-1)
        ?.changes.map(({ path }) => path),
    )
    .toEqual(['c.txt']);
  await stop(third);
});

test('of a folder that got another name is told what became visible, also where the rest of it was overtaken', async () => {
  const folder = await temporaryFolder();
  const { url, told } = await hookServer(() => 200);
  const master = await startMaster(join(folder, 'master'));
  onTestFinished(() => master.stop());
  const mirror = await startMirror(join(folder, 'mirror'), 'tokyo', {}, undefined, async (store) => {
    const { hooks } = await startHooks(folder, [{ on: 'published', url }], store);
    return { isHeard: () => true, fetched: () => undefined, fared: (rows) => hooks.fared('www', rows) };
  });
  onTestFinished(() => mirror.stop());
  mirror.connect(master);
  await master.mkdir('old');
  await master.put('old/style.css', 'style');
  await mirror.inStep(master);
  // It waits for what it links to, and so the folder cannot be renamed as a whole.
  await master.put('old/page.html', '<a href="/later.html">');
  await master.rename('old', 'new');
  await expect.poll(() => existsSync(join(mirror.rootFolder, 'new/style.css'))).toBe(true);
  await master.put('new/page.html', 'without a link');
  await mirror.inStep(master);
  const renames = (): unknown[] => told().flatMap(({ changes }) => changes.filter((change) => 'from' in change));
  await expect.poll(renames).toMatchObject([{ from: 'old', path: 'new' }]);
});
