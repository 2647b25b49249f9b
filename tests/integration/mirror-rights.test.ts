import { chmod, chown, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startMaster, startMirror } from '../support/master-and-mirror.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';

const NOBODY = 65_534;
const mayChange = process.platform === 'linux' && process.getuid?.() === 0;
if (!mayChange) process.stderr.write('skipped: only root can be somebody else, who may not read a file\n');

/** A mirror that is somebody else than root, and to whom rights mean something. */
async function start() {
  const folders = [await temporaryFolder(), await temporaryFolder()] as const;
  for (const folder of folders) {
    for (const each of [dirname(folder), folder]) await chmod(each, (await stat(each)).mode | 0o055);
    await chown(folder, NOBODY, NOBODY);
  }
  process.seteuid?.(NOBODY);
  onTestFinished(() => process.seteuid?.(0));
  const master = await startMaster(folders[0]);
  onTestFinished(() => master.stop());
  const mirror = await startMirror(folders[1], 'tokyo');
  onTestFinished(() => mirror.stop());
  mirror.connect(master);
  await mirror.inStep(master);
  return {
    master,
    mirror,
    at: (path: string) => join(mirror.rootFolder, path),
    failing: () => mirror.site.standing(10).map(({ path, error: { code } }) => `${code} ${path}`),
    again: (path: string) => mirror.site.resolve(path, 'publish', 'tokyo'),
  };
}

test.runIf(mayChange)('what may not be looked at is not taken for gone, and goes once it may be', async () => {
  const { master, mirror, at, failing, again } = await start();
  for (const folder of ['shut', 'shut/b']) await master.mkdir(folder);
  for (const path of ['shut/a', 'shut/b/c']) await master.put(path, path);
  await mirror.inStep(master);
  await chmod(at('shut'), 0o600);
  await master.remove('shut/a');
  await master.remove('shut/b/c');
  await expect.poll(failing).toEqual(['file.denied shut/a', 'file.denied shut/b/c']);
  await chmod(at('shut'), 0o755);
  for (const path of ['shut/a', 'shut/b/c']) expect(await again(path)).toBe(true);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test.runIf(mayChange)('a rescan does not take what may not be looked at for gone', async () => {
  const { master, mirror, at } = await start();
  await master.mkdir('shut');
  for (const path of ['shut/a', 'b']) await master.put(path, path);
  await mirror.inStep(master);
  await writeFile(at('b'), 'b by hand');
  await chmod(at('b'), 0o000);
  await chmod(at('shut'), 0o600);
  expect(await mirror.site.rescan(true)).toEqual({ found: 3, changed: 0 });
  await chmod(at('shut'), 0o755);
  await chmod(at('b'), 0o644);
  for (const path of ['shut/a', 'b']) await master.remove(path);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual({ 'shut/': 'dir' });
});

test.runIf(mayChange)(
  'what somebody else has made of a file stays as long as it cannot be read, and is kept then',
  async () => {
    const { master, mirror, at, failing, again } = await start();
    for (const path of ['a', 'b']) await master.put(path, path);
    await mirror.inStep(master);
    for (const path of ['a', 'b']) await writeFile(at(path), `${path} by hand`);
    for (const path of ['a', 'b']) await chmod(at(path), 0o000);
    await master.put('a', 'newer');
    await master.remove('b');
    await expect.poll(failing).toEqual(['file.denied a', 'file.denied b']);
    for (const path of ['a', 'b']) await chmod(at(path), 0o644);
    for (const path of ['a', 'b']) expect(await again(path)).toBe(true);
    await mirror.inStep(master);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
    const kept = Object.values(await readTree(mirror.site.root.versions)).map((content) => content.split(' @')[0]);
    expect(kept).toEqual(expect.arrayContaining(['a by hand', 'b by hand']));
  },
);
