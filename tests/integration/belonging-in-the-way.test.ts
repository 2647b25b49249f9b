import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { aPair } from '../support/a-pair.ts';
import type { TestMirror } from '../support/master-and-mirror.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';

const LONG = 3_600_000;
/** Links wait as long as it takes, so that a test that ends has seen what it waits for. */
const PATIENT = { wait: true, missing: LONG, late: LONG, deleted: LONG };
const names = async (mirror: TestMirror): Promise<string[]> => Object.keys(await readTree(mirror.rootFolder));

test('what stands in the way of a file that has to wait is told, and nothing else waits for it', async () => {
  const { master, mirror } = await aPair();
  const { staging } = mirror.site.root;
  await master.rules({ groups: [{ name: 'g', members: ['a', 'b'], rule: 'all' }] });
  const hash = createHash('sha256').update('a').digest('hex').slice(0, 16);
  const inTheWay = Array.from({ length: 50 }, (_, transfer) => join(staging, `r-${transfer}-${hash}`));
  for (const folder of inTheWay) await mkdir(join(folder, 'by somebody'), { recursive: true });
  await master.put('a', 'a');
  const failing = () =>
    mirror.site.standing(10).flatMap(({ kind, path, error }) => (kind === 'failing' ? [{ path, error }] : []));
  await until(() => failing().length === 1, 'it is told');
  expect(failing()).toMatchObject([{ path: 'a', error: { code: 'file.is-directory' } }]);
  expect(mirror.site.state.wants.of('a' as SitePath)?.attempts).toBe(1);
  await master.put('c', 'c');
  await until(async () => (await names(mirror)).includes('c'), 'another file is published');
  for (const folder of inTheWay) await rm(folder, { recursive: true });
  expect(await mirror.site.resolve('a', 'publish', 'osaka')).toBe(true);
  await master.put('b', 'b');
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['a', 'b', 'c']);
  expect(await readdir(staging)).toEqual([]);
});

test('what cannot be put in its place yet keeps no other file of the same content from coming', async () => {
  const { master, mirror } = await aPair();
  await master.put('x', 'a file, where a folder is to be');
  await mirror.inStep(master);
  await master.rules({ groups: [{ name: 'news', members: ['x', 'z', 'last'], rule: 'all' }] });
  await master.remove('x');
  await master.mkdir('x');
  await master.put('x/y', 'the same');
  await until(() => readdirSync(mirror.site.root.staging).length === 1);
  await master.put('z', 'the same');
  await master.put('last', 'of the group');
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('no page is shown whose target, decided together with others, cannot be put in its place', async () => {
  const { master, mirror } = await aPair();
  await master.rules({ links: PATIENT });
  const at = (path: string): string => join(mirror.rootFolder, path);
  const pictures = Array.from({ length: 200 }, (_, index) => `x${index}.png`);
  const pageOf = (picture: string): string => picture.replace('png', 'html');
  for (const picture of pictures) {
    await mkdir(at(picture));
    await writeFile(join(at(picture), 'of somebody else'), '');
  }
  await Promise.all(pictures.map((picture) => master.put(pageOf(picture), `<img src="${picture}">`)));
  await until(() => mirror.site.waits().length === pictures.length);
  await Promise.all(pictures.map((picture) => master.put(picture, picture)));
  await until(() => mirror.site.state.counts().failing === pictures.length);
  await sleep(100);
  expect(pictures.filter((picture) => existsSync(at(pageOf(picture))))).toEqual([]);
});

test('a group that cannot be put in its place is complete as it was: a member that comes anew meanwhile waits for no other one to come again', async () => {
  const { master, mirror } = await aPair();
  await master.rules({ groups: [{ name: 'news', members: ['a', 'b'], rule: 'all' }] });
  const inTheWay = join(mirror.rootFolder, 'a');
  await mkdir(inTheWay);
  await writeFile(join(inTheWay, 'of somebody else'), '');
  await master.put('a', 'first');
  await master.put('b', 'first');
  await until(() => mirror.site.state.counts().failing === 2);
  await rm(inTheWay, { recursive: true });
  await master.put('a', 'second');
  await until(() => mirror.site.state.cursor === master.journal.head);
  for (const id of ['a', 'b']) await mirror.site.resolve(id, 'publish', 'somebody');
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});
