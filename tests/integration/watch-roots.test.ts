import { execFile } from 'node:child_process';
import { cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startMaster } from '../support/master-and-mirror.ts';
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
  const master = await startMaster(folder);
  onTestFinished(() => master.stop());
  const { watch } = await watchSite(master);
  const journal = () => journalOf(master);
  await until(() => journal().length === 1, journal);
  return { journal, root, watch };
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

test('a disk that is unmounted and mounted again at once is watched from then on', async () => {
  const disk = await smallDisk(4 * 2 ** 20);
  if (disk === undefined) return;
  const image = `${disk}/image`;
  await run('truncate', ['-s', '3M', image]);
  const mount = (root: string) => run('mount', ['-o', 'loop', image, root]);
  try {
    await run('mkfs.ext2', ['-q', image]);
    await mount(disk);
    await run('umount', [disk]);
  } catch (error) {
    return void process.stdout.write(`skipped: no disk in a file can be mounted (${String(error).split('\n')[0]})\n`);
  }
  const { journal, root } = await start(async (root) => {
    await mount(root);
    onTestFinished(async () => void (await run('umount', ['-l', root])));
    await rm(join(root, 'lost+found'), { recursive: true });
  });
  await run('umount', [root]);
  await mount(root);
  await sleep(1_500);
  await writeFile(join(root, 'page.html'), 'changed');
  await until(() => journal().length > 1, journal);
  expect(journal()).toEqual(['put page.html 4 scan', 'put page.html 7 scan']);
});
