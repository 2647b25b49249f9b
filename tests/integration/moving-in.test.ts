import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, newMaster } from '../support/commands.ts';
import { runLockstep } from '../support/lockstep.ts';
import { readTree } from '../support/tree.ts';

const FOLDERS = 20;
const FILES = 200;

test('a mirror that moves in over a folder with the same files fetches what differs, and nothing else', async () => {
  const { dataDir: master, root } = await newMaster();
  for (let index = 0; index < FILES; index += 1) {
    const folder = join(root, `folder ${index % FOLDERS}`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${index}.html`), `page ${index} `.repeat(100));
  }
  await ask('site add', master, 'www', root);
  const [mirror, copy] = [join(master, '..', 'mirror'), join(master, '..', 'copy')];
  await cp(root, copy, { recursive: true, preserveTimestamps: true, filter: (from) => !from.includes('.lockstep') });
  const day = new Date(Date.now() - 86_400_000);
  await writeFile(join(copy, 'folder 1', '1.html'), 'an older page');
  await utimes(join(copy, 'folder 2', '2.html'), day, day);
  // As a tool leaves it that knows of whole seconds only.
  const { mtimeMs } = await stat(join(root, 'folder 4', '4.html'));
  const second = new Date(Math.floor(mtimeMs / 1000) * 1000 - 1000);
  await utimes(join(copy, 'folder 4', '4.html'), second, second);
  await writeFile(join(copy, 'only here.txt'), 'stays');

  const publishing = await runLockstep(master);
  const { code } = await ask('invite', master);
  await ask('init', mirror, '--role', 'mirror', '--name', 'osaka');
  await ask('join', mirror, code, '--root', copy);
  const following = await runLockstep(mirror);
  await ask('wait', mirror, '--timeout', '120s');

  const puts = (await ask('history', mirror, '--change', 'put', '--limit', '1000')).flatMap(({ path, deliveries }) =>
    deliveries.map(({ verdict, bytes }) => ({ path, verdict, bytes })),
  );
  expect(puts.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
    { path: 'folder 1/1.html', verdict: 'fetch', bytes: 700 },
    { path: 'folder 2/2.html', verdict: 'already-here', bytes: undefined },
    { path: 'folder 4/4.html', verdict: 'already-here', bytes: undefined },
  ]);
  const times = await Promise.all([root, copy].map((tree) => stat(join(tree, 'folder 4', '4.html'))));
  expect(Math.round(times[1]?.mtimeMs ?? 0)).toBe(Math.round(times[0]?.mtimeMs ?? 1));
  expect(await readFile(join(copy, 'only here.txt'), 'utf8')).toBe('stays');
  const { 'only here.txt': own, ...rest } = await readTree(copy);
  expect(own).toBeDefined();
  expect(rest).toEqual(await readTree(root));

  // What stood there already has left no trace of each file, and is the mirror's own from then on.
  await rm(join(root, 'folder 3', '3.html'));
  await ask('site rescan', master, 'www');
  await ask('wait', mirror, '--timeout', '120s');
  expect(existsSync(join(copy, 'folder 3', '3.html'))).toBe(false);
  await following.end();
  await publishing.end();
});
