import { chmodSync, chownSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { BY, put } from '../support/site-calls.ts';

/** Both ends with the files `program` and `secret`, whose modes somebody has set since. */
async function bothEnds() {
  const master = await aMaster();
  const mirror = await aMirror();
  mirror.connect(master);
  for (const name of ['program', 'secret']) await master.put(name, 'old');
  await mirror.inStep(master);
  const roots = [master.rootFolder, mirror.rootFolder];
  for (const root of roots) {
    chmodSync(join(root, 'program'), 0o755);
    chmodSync(join(root, 'secret'), 0o640);
  }
  const seen = (read: (absolute: string) => unknown): unknown[] =>
    roots.map((root) => ['program', 'secret'].map((name) => read(join(root, name))));
  return { master, mirror, roots, seen, modes: () => seen((file) => (lstatSync(file).mode & 0o777).toString(8)) };
}

const SET = [
  ['755', '640'],
  ['755', '640'],
];

test.skipIf(process.platform === 'win32')('what takes the place of a file has its mode, at both ends', async () => {
  const { master, mirror, modes } = await bothEnds();
  for (const name of ['program', 'secret']) await master.put(name, 'new');
  await mirror.inStep(master);
  expect(modes()).toEqual(SET);

  const release = master.site.beginRelease('one', BY);
  for (const name of ['program', 'secret']) await put(release, name, 'newer');
  const { id } = await release.commit();
  await mirror.inStep(master);
  expect(modes()).toEqual(SET);

  // What is put back had a mode that was given up for a narrower one since.
  for (const file of [join(master.rootFolder, 'secret'), join(mirror.rootFolder, 'secret')]) chmodSync(file, 0o600);
  await master.site.releases.rollback(id, { by: BY });
  await mirror.inStep(master);
  expect(modes()).toEqual([
    ['755', '600'],
    ['755', '600'],
  ]);
});

test.skipIf(process.getuid?.() !== 0)('as root its owner and group, too', async () => {
  const { master, mirror, roots, seen, modes } = await bothEnds();
  for (const root of roots) for (const name of ['program', 'secret']) chownSync(join(root, name), 4711, 4712);
  for (const name of ['program', 'secret']) await master.put(name, 'new');
  await mirror.inStep(master);
  const owned = ['4711:4712', '4711:4712'];
  expect(seen((file) => `${lstatSync(file).uid}:${lstatSync(file).gid}`)).toEqual([owned, owned]);
  expect(modes()).toEqual(SET);
});
