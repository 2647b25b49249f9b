import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../electron/engine/ports.ts';
import { mountsBelow } from '../../electron/engine/tree/mounts.ts';
import { aMaster } from '../support/a-pair.ts';
import { smallDisk } from '../support/small-disk.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { journalOf, watchSite } from '../support/watched-site.ts';

const run = promisify(execFile);

/** The folder that is published, in one of its own, with one file that is in the journal. */
async function start(prepare: (root: string) => Promise<void> = async () => undefined) {
  const folder = join(await temporaryFolder(), 'www');
  const root = join(folder, 'site');
  await mkdir(root, { recursive: true });
  await prepare(root);
  await writeFile(join(root, 'page.html'), 'page');
  const master = await aMaster([], folder);
  const { watch } = await watchSite(master);
  const journal = () => journalOf(master);
  await until(() => journal().length > 0, journal);
  return { journal, root, watch, master };
}

async function writeFiles(folder: string, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await writeFile(join(folder, `${index}.txt`), `${index}`);
}

test.each([
  ['the folder', (root: string) => root],
  ['a folder above it', (root: string) => dirname(root)],
])('where %s was moved, with a link in its place, what is changed there is not taken for deleted', async (_, of) => {
  const { journal, root, watch } = await start();
  const moved = of(root);
  await rename(moved, `${moved}.real`);
  await symlink(`${moved}.real`, moved);
  await writeFile(join(root, 'page.html'), 'changed');
  await until(() => watch.trouble !== undefined || journal().length > 1, journal);
  expect(journal()).toEqual(['put page.html 4 scan']);
  expect(watch.trouble?.error).toEqual({ code: 'site.root-missing', params: { root } });
  await rm(moved);
  await rename(`${moved}.real`, moved);
  watch.retry();
  await until(() => journal().length > 1, journal);
  expect(journal()[1]).toBe('put page.html 7 scan');
});

test('a copy of the folder that takes its place, mark and all, is watched from then on', async () => {
  const { journal, root } = await start();
  await cp(root, `${root}.copy`, { recursive: true, preserveTimestamps: true });
  await rename(root, `${root}.old`);
  await rename(`${root}.copy`, root);
  await sleep(1_500);
  await writeFile(join(root, 'page.html'), 'changed');
  await until(() => journal().length > 1, journal);
  expect(journal()).toEqual(['put page.html 4 scan', 'put page.html 7 scan']);
});

test('a disk with a copy of the folder that is mounted over it is watched from then on, and the folder again without it', async () => {
  const disk = await smallDisk(4 * 2 ** 20);
  if (disk === undefined) return;
  const { journal, root, watch } = await start();
  await cp(root, join(disk, 'site'), { recursive: true, preserveTimestamps: true });
  await run('mount', ['--bind', join(disk, 'site'), root]);
  let isMounted = true;
  const unmount = async () => {
    if (isMounted) await run('umount', [root]);
    isMounted = false;
  };
  onTestFinished(unmount);
  const looking = setInterval(() => watch.look(), 100);
  onTestFinished(() => clearInterval(looking));
  await sleep(1_500);
  await writeFile(join(root, 'page.html'), 'changed');
  await until(() => journal().length > 1, journal);
  await unmount();
  await until(() => journal().length > 2, journal);
  await writeFile(join(root, 'page.html'), 'once more');
  await until(() => journal().length > 3, journal);
  expect(journal().map((line) => line.split(' ')[2])).toEqual(['4', '7', '4', '9']);
});

/** How to mount a disk of its own at a folder; undefined where this machine lets nobody do so. */
async function diskInFile(kind: 'ext2' | 'btrfs' = 'ext2'): Promise<((folder: string) => Promise<void>) | undefined> {
  const disk = await smallDisk(24 * 2 ** 20);
  if (disk === undefined) return undefined;
  const image = join(disk, 'image');
  await run('truncate', ['-s', kind === 'btrfs' ? '20M' : '3M', image]);
  const mount = async (folder: string) => void (await run('mount', ['-o', 'loop', image, folder]));
  try {
    await run(`mkfs.${kind}`, kind === 'btrfs' ? ['-q', '--mixed', image] : ['-q', image]);
    const folder = await temporaryFolder();
    await mount(folder);
    await rm(join(folder, 'lost+found'), { recursive: true, force: true });
    await run('umount', [folder]);
    return mount;
  } catch (error) {
    process.stdout.write(`skipped: no disk of ${kind} in a file can be mounted (${String(error).split('\n')[0]})\n`);
    return undefined;
  }
}

test('a disk that is unmounted and mounted again at once is watched from then on', async () => {
  const mount = await diskInFile();
  if (!mount) return;
  const { journal, root } = await start(async (root) => {
    await mount(root);
    onTestFinished(async () => void (await run('umount', ['-l', root])));
  });
  await run('umount', [root]);
  await mount(root);
  await sleep(1_500);
  await writeFile(join(root, 'page.html'), 'changed');
  await until(() => journal().length > 1, journal);
  expect(journal()).toEqual(['put page.html 4 scan', 'put page.html 7 scan']);
});

test('a disk within a site that is not mounted is not taken for emptied, and is watched again when it is there', async () => {
  const mount = await diskInFile();
  if (!mount) return;
  let media = '';
  // The empty folder is older than what is published of the disk.
  vi.spyOn(systemClock, 'now').mockImplementation(() => Date.now() + 3_600_000);
  const { journal, master, watch } = await start(async (root) => {
    await writeFiles(root, 40);
    media = join(root, 'media');
    await mkdir(media);
    await mount(media);
    await writeFiles(media, 12);
    onTestFinished(async () => void (await run('umount', ['-l', media]).catch(() => undefined)));
  });
  await until(() => master.journal.index.files() === 53, journal);
  const before = journal();

  await run('umount', [media]);
  await until(() => watch.trouble?.error.code === 'guard.held', journal);
  expect(watch.trouble?.error.params).toEqual({ count: 12, of: 53 });
  await watch.stop();
  const { watch: again, scans } = await watchSite(master, 'held');
  await until(() => again.trouble !== undefined, journal);
  await expect(scans.scan()).rejects.toMatchObject({ code: 'guard.held' });
  expect(journal()).toEqual(before);

  await mount(media);
  again.retry();
  await until(() => again.trouble === undefined && again.isOn, journal);
  await writeFile(join(media, '0.txt'), 'changed');
  await until(() => journal().length > before.length, journal);
  await run('umount', [media]);
  await mount(media);
  await sleep(1_500);
  await writeFile(join(media, '1.txt'), 'changed');
  await until(() => journal().length > before.length + 1, journal);
  await run('umount', [media]);
  await until(() => again.trouble?.error.code === 'guard.held', journal);
  // A person says that it is meant.
  await scans.scan({ allowedDeletes: 12 });
  expect(master.journal.index.files()).toBe(41);
});

test('nor is a disk with a few files, once one has been seen to be mounted there: also where the next start does not find it', async () => {
  const disk = await smallDisk(2 ** 20);
  if (disk === undefined) return;
  await writeFiles(disk, 2);
  let media = '';
  const mount = () => run('mount', ['--bind', disk, media]);
  const { journal, master, watch } = await start(async (root) => {
    media = join(root, 'our media');
    await mkdir(media);
    await mount();
    onTestFinished(async () => void (await run('umount', ['-l', media]).catch(() => undefined)));
  });
  await until(() => master.journal.index.files() === 3 && watch.isOn, journal);
  const before = journal();

  await run('umount', [media]);
  watch.look();
  await until(() => watch.trouble?.error.code === 'guard.held', journal);
  expect(watch.trouble?.error.params).toEqual({ count: 2, of: 3 });
  await watch.stop();
  const { watch: again, scans } = await watchSite(master, 'held');
  await until(() => again.trouble !== undefined, journal);
  await expect(scans.scan()).rejects.toMatchObject({ code: 'guard.held' });
  expect(journal()).toEqual(before);

  await mount();
  again.retry();
  await until(() => again.trouble === undefined && again.isOn, journal);
  await run('umount', [media]);
  // A person says that it is meant, and what is put there later may go as anything else.
  await scans.scan({ allowedDeletes: 2 });
  expect(master.journal.index.files()).toBe(1);
  await writeFile(join(media, 'a'), 'a');
  await scans.scan();
  await rm(join(media, 'a'));
  await scans.scan();
  expect(master.journal.index.files()).toBe(1);
});

test.each(['ours', 'btrfs'] as const)(
  'a folder of a site, or the site itself, that gets other rights or another time is watched on (disk: %s)',
  async (kind) => {
    const mount = kind === 'ours' ? async () => undefined : await diskInFile(kind);
    if (!mount) return;
    const { journal, root, watch } = await start(async (root) => {
      await mount(root);
      if (kind !== 'ours') onTestFinished(async () => void (await run('umount', ['-l', root])));
      await mkdir(join(root, 'news'));
    });
    await until(() => journal().length === 2, journal);
    let interrupted = false;
    const looking = setInterval(() => (interrupted ||= watch.trouble !== undefined), 20);
    onTestFinished(() => clearInterval(looking));
    for (const folder of [root, join(root, 'news')]) {
      await chmod(folder, 0o700);
      await utimes(folder, 1, 1);
    }
    await writeFile(join(root, 'news', 'later.html'), 'later');
    await until(() => journal().length === 3, journal);
    await writeFile(join(root, 'page.html'), 'changed');
    await until(() => journal().length === 4, journal);
    expect(interrupted).toBe(false);
  },
);

test('a disk that is mounted below a folder whose name the system spells otherwise is seen', async () => {
  const disk = await smallDisk(2 ** 20);
  if (disk === undefined) return;
  const folder = join(await temporaryFolder(), 'C:\\our site');
  await mkdir(join(folder, 'media'), { recursive: true });
  expect(mountsBelow(folder)).toBe('');
  await run('mount', ['--bind', disk, join(folder, 'media')]);
  onTestFinished(async () => void (await run('umount', ['-l', join(folder, 'media')])));
  expect(mountsBelow(folder)).not.toBe('');
});

test('a disk that is mounted in a folder of the site later on is published, and watched', async () => {
  const disk = await smallDisk(4 * 2 ** 20);
  if (disk === undefined) return;
  await mkdir(join(disk, 'media'));
  await writeFile(join(disk, 'media', 'before.txt'), 'before');
  const { journal, root, watch } = await start(async (root) => mkdir(join(root, 'our media')));
  await until(() => journal().length === 2, journal);
  const media = join(root, 'our media');
  await run('mount', ['--bind', join(disk, 'media'), media]);
  onTestFinished(async () => void (await run('umount', ['-l', media])));
  watch.look();
  await until(() => journal().length === 3, journal);
  await until(() => watch.trouble === undefined && watch.isOn, 'it goes on');
  await writeFile(join(media, 'later.txt'), 'later');
  await until(() => journal().length === 4, journal);
  expect(journal().slice(2)).toEqual(['put our media/before.txt 6 scan', 'put our media/later.txt 5 scan']);
  watch.look();
  expect(watch.trouble).toBe(undefined);
});

test.each([
  ['the site', ''],
  ['one of its folders', 'news'],
])('what has the name of the folder that it is in, %s, may go: that folder is watched on', async (_, inside) => {
  const { journal, root, watch } = await start(async (root) => mkdir(join(root, 'news')));
  const folder = join(root, inside);
  let interrupted = false;
  const looking = setInterval(() => (interrupted ||= watch.trouble !== undefined), 20);
  onTestFinished(() => clearInterval(looking));
  const own = join(folder, basename(folder));
  await writeFile(own, 'own');
  await until(() => journal().length > 2, journal);
  await rm(own);
  await until(() => journal().length > 3, journal);
  await mkdir(own);
  await until(() => journal().length > 4, journal);
  await rm(own, { recursive: true });
  await until(() => journal().length > 5, journal);
  expect(interrupted).toBe(false);
  expect(journal()[5]).toBe(`rmdir ${relative(root, own)} scan`);
});
