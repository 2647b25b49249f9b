import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { appendFile, link, mkdir, open, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createEngine } from '../../electron/engine/engine.ts';
import { Scans } from '../../electron/engine/master/scans.ts';
import { EventQueue } from '../../electron/engine/master/watch/event-queue.ts';
import { SiteWatch } from '../../electron/engine/master/watch/site-watch.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { quietPorts } from '../../electron/entry/cli/ports.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { ask, newMaster } from '../support/commands.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';
import { fillPages, journalOf, watchedSite, watchSite } from '../support/watched-site.ts';
import { until } from '../support/until.ts';

test('what is there already, new files and folders, changes, renames and deletes are seen', async () => {
  const { master, at } = await watchedSite(async (root) => writeFile(join(root, 'before.txt'), 'before'));
  const lines = () => journalOf(master);
  await until(() => lines().length === 1, lines);
  await mkdir(at('a/b/c'), { recursive: true });
  await writeFile(at('a/b/c/deep.txt'), 'deep');
  await writeFile(at('before.txt'), 'changed');
  await until(() => lines().length === 6, lines);
  await rename(at('a/b'), at('a/moved'));
  await until(() => lines().length === 12, lines);
  await writeFile(at('a/moved/c/deep.txt'), 'deep and moved');
  await until(() => lines().length === 13, lines);
  await rm(at('a'), { recursive: true });
  await until(() => lines().length === 17, lines);
  expect(lines()[0]).toBe('put before.txt 6 scan');
  expect(lines().slice(1, 6).toSorted()).toEqual([
    'mkdir a scan',
    'mkdir a/b scan',
    'mkdir a/b/c scan',
    'put a/b/c/deep.txt 4 scan',
    'put before.txt 7 scan',
  ]);
  expect(lines().slice(6)).toEqual([
    'mkdir a/moved scan',
    'mkdir a/moved/c scan',
    'put a/moved/c/deep.txt 4 scan',
    'delete a/b/c/deep.txt scan',
    'rmdir a/b/c scan',
    'rmdir a/b scan',
    'put a/moved/c/deep.txt 14 scan',
    'delete a/moved/c/deep.txt scan',
    'rmdir a/moved/c scan',
    'rmdir a/moved scan',
    'rmdir a scan',
  ]);
});

/** Some of it is there, and more is to come. */
function hasBegun(file: string): Promise<void> {
  return until(() => existsSync(file) && statSync(file).size > 0);
}

/** `part`, every 100 ms, by a thread of its own: it does not pause for what else the test's process has to do. */
async function writeSlowly(path: string, parts: number): Promise<void> {
  const source = `
    const { appendFileSync } = require('node:fs');
    const { path, parts } = require('node:worker_threads').workerData;
    const clock = new Int32Array(new SharedArrayBuffer(4));
    for (let part = 0; part < parts; part += 1) {
      appendFileSync(path, 'part');
      Atomics.wait(clock, 0, 0, 100);
    }`;
  const [code] = (await once(new Worker(source, { eval: true, workerData: { path, parts } }), 'exit')) as [number];
  expect(code).toBe(0);
}

test('a file is journalled once it has stood still, and not before', async () => {
  const { master, at } = await watchedSite();
  await writeSlowly(at('slow.bin'), 12);
  await until(
    () => journalOf(master).length > 0,
    () => journalOf(master),
  );
  await sleep(700);
  expect(journalOf(master)).toEqual(['put slow.bin 48 scan']);
});

test.each(['site.rescan', 'deep.start'] as const)(
  'a folder that is watched may be read as a whole while a file is being written (%s): it still waits until that stands still',
  async (how) => {
    const { dataDir, root } = await newMaster();
    await ask('site add', dataDir, 'www', root, '--watch');
    const engine = await createEngine(quietPorts(dataDir), dataDir);
    onTestFinished(() => engine.stop());
    const head = async () => (await engine.call('node.status', {})).sites[0]?.headSeq ?? 0;
    const before = await head();
    const rescans: Promise<unknown>[] = [];
    const writing = writeSlowly(join(root, 'slow.bin'), 15);
    await hasBegun(join(root, 'slow.bin'));
    for (let time = 0; time < 15; time += 1) {
      if (how === 'deep.start') await engine.call(how, { site: 'www', mend: true });
      // It is done when the file has been published, or is written to for long.
      else rescans.push(engine.call(how, { name: 'www', allowDeletes: false }));
      await sleep(100);
    }
    await Promise.all([writing, ...rescans]);
    await until(async () => (await head()) > before, 'it is published');
    await sleep(700);
    const { rows } = await engine.call('site.find', { part: 'slow' });
    expect(rows).toMatchObject([{ path: 'slow.bin', size: 60 }]);
    expect((await head()) - before).toBe(1);
  },
);

test('what was written to for long may pause for longer, although somebody has the folder read meanwhile', async () => {
  const { master, at, watch, scans } = await watchedSite();
  await writeSlowly(at('slow.bin'), 26);
  await sleep(900);
  await scans.scan({ watch });
  expect(journalOf(master)).toEqual([]);
  await appendFile(at('slow.bin'), 'end');
  await until(
    () => journalOf(master).length > 0,
    () => journalOf(master),
  );
  expect(journalOf(master)).toEqual(['put slow.bin 107 scan']);
});

test('a folder that could not be read when all was compared is read once it can be, though nothing happens in it', async () => {
  const { master, at, watch, scans } = await watchedSite(async (root) => mkdir(join(root, 'archive')));
  await until(
    () => journalOf(master).length === 1,
    () => journalOf(master),
  );
  await scans.stop();
  await watch.stop();
  await mkdir(at('archive/deep'));
  await writeFile(at('archive/deep/page.html'), 'page');
  const { root, unfit } = master.site;
  const resolve = root.resolve.bind(root);
  const spy = vi.spyOn(root, 'resolve').mockImplementation(async (path) => {
    if (path === 'archive') throw Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'scandir' });
    return resolve(path);
  });
  const { watch: again } = await watchSite(master);
  expect(journalOf(master)).toEqual(['mkdir archive scan']);
  spy.mockRestore();
  unfit.look(again);
  await until(
    () => journalOf(master).length === 3,
    () => journalOf(master),
  );
  expect(journalOf(master).slice(1)).toEqual(['mkdir archive/deep scan', 'put archive/deep/page.html 4 scan']);
});

test('where the system allows no watch, who has the folder read takes what stands in it: nobody comes back for it', async () => {
  const master = await aMaster();
  const scans = new Scans(master.site);
  const watch = new SiteWatch({
    site: master.site,
    scan: () => Promise.reject(new AppError('watch.limit')),
    queue: new EventQueue(),
    clock: systemClock,
    logger: pino({ level: 'silent' }),
    onChange: () => undefined,
  });
  watch.start();
  onTestFinished(() => watch.stop());
  await until(() => watch.trouble !== undefined, 'the trouble is told');
  await writeFile(join(master.rootFolder, 'page.html'), 'page');
  await scans.scan({ watch });
  expect(journalOf(master)).toEqual(['put page.html 4 scan']);
});

test('who agrees to deletes that are held does not publish half of what is being written meanwhile', async () => {
  const { dataDir, root } = await newMaster();
  await fillPages(root, 12);
  await ask('site add', dataDir, 'www', root, '--watch');
  const engine = await createEngine(quietPorts(dataDir), dataDir);
  onTestFinished(() => engine.stop());
  for (let index = 0; index < 10; index += 1) await rm(join(root, `page-${index}.html`));
  const codes = async () => (await engine.call('waiting.list', {})).map(({ error }) => error.code);
  await until(async () => (await codes()).includes('guard.held'), codes);
  const head = async () => (await engine.call('node.status', {})).sites[0]?.headSeq ?? 0;
  const before = await head();
  const writing = writeSlowly(join(root, 'slow.bin'), 10);
  await hasBegun(join(root, 'slow.bin'));
  await engine.call('site.rescan', { name: 'www', allowDeletes: true });
  await writing;
  const rows = async () => (await engine.call('site.find', { part: 'slow' })).rows;
  await until(async () => (await rows()).length > 0, rows);
  await sleep(700);
  expect(await rows()).toMatchObject([{ path: 'slow.bin', size: 40 }]);
  expect((await head()) - before).toBe(11);
});

test('of a site whose watch has stopped only what waits can be decided on', async () => {
  const { dataDir, root } = await newMaster();
  await fillPages(root, 12);
  await ask('site add', dataDir, 'www', root, '--watch');
  const engine = await createEngine(quietPorts(dataDir), dataDir);
  onTestFinished(() => engine.stop());
  for (let index = 0; index < 10; index += 1) await rm(join(root, `page-${index}.html`));
  const waiting = () => engine.call('waiting.list', {});
  await until(async () => (await waiting()).some(({ error }) => error.code === 'guard.held'), waiting);
  for (const id of ['www:nonsense', 'www:watching', 'www:deletes:page-1.html'])
    await expect(engine.call('waiting.resolve', { id, how: 'publish' })).rejects.toMatchObject({
      code: 'waiting.unknown',
    });
  const [held] = await waiting();
  expect(await engine.call('waiting.resolve', { id: held?.id ?? '', how: 'publish' })).toEqual({ id: held?.id });
  await until(async () => (await waiting()).length === 0, waiting);
});

const isLinux = process.platform === 'linux';
if (!isLinux) process.stderr.write('who has a file open for writing can be seen on Linux only\n');

test.runIf(isLinux)(
  'a file that a program has open for writing is journalled once it is closed, however long it pauses',
  async () => {
    const { master, at, watch } = await watchedSite();
    const reader = await open(at('page.html'), 'a+');
    await reader.close();
    await until(
      () => journalOf(master).length === 1,
      () => journalOf(master),
    );
    const copy = await open(at('slow.bin'), 'w');
    onTestFinished(() => copy.close());
    await copy.write('half');
    const reading = await open(at('page.html'), 'r');
    onTestFinished(() => reading.close());
    await writeFile(at('page.html'), 'whole');
    await sleep(4_000);
    expect([journalOf(master), watch.writing]).toEqual([['put page.html 0 scan', 'put page.html 5 scan'], []]);
    await copy.write('half');
    await copy.close();
    await until(
      () => journalOf(master).length === 3,
      () => journalOf(master),
    );
    expect(journalOf(master)[2]).toBe('put slow.bin 8 scan');
  },
);

test.runIf(isLinux)(
  'what is open for writing when the watch begins waits too, is told, and goes when a person says so',
  async () => {
    const { dataDir, root } = await newMaster();
    await ask('site add', dataDir, 'www', root, '--watch');
    const log = await open(join(root, 'access.log'), 'a');
    onTestFinished(() => log.close());
    await log.write('one line\n');
    await writeFile(join(root, 'page.html'), 'page');
    await sleep(600);
    const engine = await createEngine(quietPorts(dataDir), dataDir);
    onTestFinished(() => engine.stop());
    const waiting = () => engine.call('waiting.list', {});
    await until(async () => (await waiting()).length > 0, 'it is told');
    const told = await waiting();
    expect(told).toEqual([
      {
        id: 'www:writing:access.log',
        site: 'www',
        kind: 'writing',
        path: 'access.log',
        error: { code: 'wait.writing', params: { path: 'access.log' } },
        since: expect.any(Number),
        until: (told[0]?.since ?? 0) + 3_600_000,
      },
    ]);
    const published = async () => (await engine.call('site.find', { part: 'a' })).rows.map(({ path }) => path);
    expect(await published()).toEqual(['page.html']);
    await expect(
      engine.call('waiting.resolve', { id: 'www:writing:access.log', how: 'discard' }),
    ).rejects.toMatchObject({ code: 'waiting.unknown' });
    await engine.call('waiting.resolve', { id: 'www:writing:access.log', how: 'publish' });
    await until(async () => (await published()).length === 2, 'it is published');
    expect(await waiting()).toEqual([]);
  },
);

test('what the FTP server changes is not journalled twice', async () => {
  const { master, at } = await watchedSite();
  await master.mkdir('folder');
  for (let index = 0; index < 20; index += 1) await master.put(`folder/${index}.txt`, `${index}`);
  await master.touch('folder/1.txt', 1_700_000_000_000);
  await master.rename('folder/2.txt', 'folder/renamed.txt');
  await master.rename('folder', 'other');
  await master.put('other/3.txt', 'again');
  for (let index = 4; index < 20; index += 1) await master.remove(`other/${index}.txt`);
  const own = journalOf(master);
  await writeFile(at('marker.txt'), 'm');
  await until(
    () => journalOf(master).length > own.length,
    () => journalOf(master),
  );
  await sleep(1200);
  expect(journalOf(master)).toEqual([...own, 'put marker.txt 1 scan']);
});

test('links, the reserved folder, and names that no site can hold are passed over', async () => {
  const outside = await temporaryFolder();
  const { master, at } = await watchedSite();
  await symlink(outside, at('linked'));
  await symlink(join(outside, 'file.txt'), at('link.txt'));
  await writeFile(join(outside, 'file.txt'), 'outside');
  await writeFile(at('.lockstep/incoming/mine'), 'ours');
  await writeFile(at('back\\slash'), 'x');
  await writeFile(at('e\u0301.txt'), 'not NFC');
  await writeFile(at('marker.txt'), 'm');
  await until(
    () => journalOf(master).length > 0,
    () => journalOf(master),
  );
  await sleep(700);
  expect(journalOf(master)).toEqual(['put marker.txt 1 scan']);
});

test('a root that goes away journals nothing, and is watched again when it is back', async () => {
  const { master, at, watch } = await watchedSite((root) => fillPages(root, 3));
  await until(
    () => master.journal.index.files() === 3,
    () => journalOf(master),
  );
  const before = journalOf(master);
  await rename(master.rootFolder, `${master.rootFolder}.away`);
  await mkdir(master.rootFolder);
  await until(
    () => watch.trouble !== undefined,
    () => watch.trouble,
  );
  expect(watch.trouble?.error.code).toBe('site.root-missing');
  expect(journalOf(master)).toEqual(before);
  await rm(master.rootFolder, { recursive: true });
  await rename(`${master.rootFolder}.away`, master.rootFolder);
  watch.retry();
  await until(
    () => watch.trouble === undefined,
    () => watch.trouble,
  );
  await writeFile(at('back.txt'), 'back');
  await until(
    () => journalOf(master).length === before.length + 1,
    () => journalOf(master),
  );
});

test('a file with several names is published under each, whichever of them it was changed by', async () => {
  const { master, at } = await watchedSite();
  await mkdir(at('other'));
  await writeFile(at('page.html'), 'page');
  await link(at('page.html'), at('other/same.html'));
  await writeFile(at('other/copy.html'), 'page');
  await until(
    () => journalOf(master).length === 4,
    () => journalOf(master),
  );
  await writeFile(at('page.html'), 'changed');
  await until(
    () => journalOf(master).length === 6,
    () => journalOf(master),
  );
  await sleep(1_500);
  expect(journalOf(master).slice(4).toSorted()).toEqual(['put other/same.html 7 scan', 'put page.html 7 scan']);
});

test('of a file with very many names each is looked at a few times only when it is changed', async () => {
  const { master, at } = await watchedSite();
  await writeFile(at('0.html'), 'page');
  for (let index = 1; index < 2_000; index += 1) await link(at('0.html'), at(`${index}.html`));
  await until(
    () => journalOf(master).length === 2_000,
    () => journalOf(master).length,
  );
  const looks = vi.spyOn(master.site.root, 'plain');
  await writeFile(at('0.html'), 'changed');
  await until(
    () => journalOf(master).length === 4_000,
    () => journalOf(master).length,
  );
  await sleep(1_500);
  expect(journalOf(master)).toHaveLength(4_000);
  expect(looks.mock.calls.length).toBeLessThan(60_000);
}, 120_000);

test('thousands of files at once reach a mirror', async () => {
  const { master, at } = await watchedSite();
  const mirror = await aMirror();
  mirror.connect(master);
  for (let folder = 0; folder < 40; folder += 1) {
    await mkdir(at(`d${folder}/e`), { recursive: true });
    await Promise.all(Array.from({ length: 50 }, (_, file) => writeFile(at(`d${folder}/e/${file}.txt`), `${file}`)));
  }
  await until(
    () => master.journal.index.files() === 2000,
    () => master.journal.index.files(),
  );
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('stopping it twice, and at once, leaves nothing open', async () => {
  const { watch } = await watchedSite((root) => fillPages(root, 3));
  await Promise.all([watch.stop(), watch.stop()]);
  await watch.stop();
});
