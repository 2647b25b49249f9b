import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { SENT_PART_BYTES } from '../../shared/contract/sent-files.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { readLocalTree } from '../../electron/engine/publishing/local-tree.ts';
import { SENT_MAX, SentFiles } from '../../electron/engine/publishing/sent-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const path = (text: string): SitePath => text as SitePath;
const idOf = (index: number): string => index.toString(16).padStart(32, '0');
const [ID] = [idOf(1)];

async function sentFiles(used: () => readonly string[] = () => []) {
  const dataDir = await temporaryFolder();
  // Of an install nothing else may be published.
  writeFileSync(join(dataDir, 'config.json'), '{}');
  writeFileSync(join(dataDir, 'lockstep.db'), '');
  const sent = new SentFiles(dataDir, used);
  const put = (name: string, content: string, part: { at?: number; size?: number } = {}, id = ID) =>
    sent.put(
      id,
      path(name),
      { at: part.at ?? 0, size: part.size ?? content.length, mtime: 1_700_000_000_000 },
      Readable.from([Buffer.from(content)]),
    );
  return { dataDir, sent, put };
}

test('a file comes in parts, in order, and has its time; only what was sent may be published of a data folder', async () => {
  const { dataDir, put } = await sentFiles();
  const folder = await put('site/a/b.txt', 'hello ', { size: 11 });
  await put('site/a/b.txt', 'world', { at: 6, size: 11 });
  expect(folder).toBe(join(dataDir, 'sent', ID));
  expect(readFileSync(join(folder, 'site/a/b.txt'), 'utf8')).toBe('hello world');
  expect(statSync(join(folder, 'site/a/b.txt')).mtimeMs).toBe(1_700_000_000_000);
  expect(statSync(folder).mode & 0o077).toBe(0);
  const { signal } = new AbortController();
  const tree = await readLocalTree([join(folder, 'site')], path(''), signal);
  expect(tree.files.map((file) => file.path)).toEqual(['a/b.txt']);
  await expect(readLocalTree([dataDir], path(''), signal)).rejects.toMatchObject({ code: 'publish.own-data' });
  await expect(readLocalTree([join(dataDir, 'config.json')], path(''), signal)).rejects.toMatchObject({
    code: 'publish.own-data',
  });
});

test('a part that is not the next, a second file of one name, and too much are refused', async () => {
  const { put } = await sentFiles();
  await put('a.txt', 'one');
  await expect(put('a.txt', 'two')).rejects.toMatchObject({ code: 'file.exists' });
  await expect(put('a.txt', 'two', { at: 2, size: 5 })).rejects.toMatchObject({ code: 'file.changed' });
  await expect(put('none.txt', 'x', { at: 5, size: 6 })).rejects.toMatchObject({ code: 'file.not-found' });
  await expect(put('b.txt', 'longer', { size: 3 })).rejects.toMatchObject({ code: 'limit.exceeded' });
  await expect(put('c.txt', 'x'.repeat(SENT_PART_BYTES + 1), { size: SENT_PART_BYTES + 1 })).rejects.toMatchObject({
    code: 'limit.exceeded',
  });
  await expect(put('d.txt', 'x', { size: Number.MAX_SAFE_INTEGER })).rejects.toMatchObject({ code: 'file.disk-full' });
});

test('so many drops are kept, those that are not used go first, and what has ended is not kept', async () => {
  const used: string[] = [];
  const { dataDir, sent, put } = await sentFiles(() => used);
  const isKept = (index: number): boolean => existsSync(join(dataDir, 'sent', idOf(index)));
  for (let index = 1; index <= SENT_MAX; index += 1) await put('a', 'x', {}, idOf(index));
  used.push(join(dataDir, 'sent', idOf(1), 'a'));
  await put('a', 'x', {}, idOf(SENT_MAX + 1));
  expect([isKept(1), isKept(2), isKept(3)]).toEqual([true, false, true]);
  for (let index = 3; index <= SENT_MAX + 1; index += 1) used.push(join(dataDir, 'sent', idOf(index), 'a'));
  await expect(put('a', 'x', {}, idOf(99))).rejects.toMatchObject({ code: 'publish.too-many' });
  expect(isKept(99)).toBe(false);
  await sent.ended([join(dataDir, 'sent', idOf(1), 'a'), '/elsewhere']);
  expect([isKept(1), isKept(3)]).toEqual([false, true]);
  await sent.discard(idOf(3));
  expect(isKept(3)).toBe(false);
  used.length = 0;
  await new SentFiles(dataDir, () => used).clear();
  expect(existsSync(join(dataDir, 'sent'))).toBe(false);
});

test('what was sent before a start is not kept', async () => {
  const { dataDir, sent } = await sentFiles();
  mkdirSync(join(dataDir, 'sent', ID), { recursive: true });
  symlinkSync(dataDir, join(dataDir, 'sent', 'link'));
  await sent.clear();
  expect(existsSync(join(dataDir, 'sent'))).toBe(false);
  expect(existsSync(join(dataDir, 'config.json'))).toBe(true);
});

test('where the folder could not be made at the first drop, the next one makes it', async () => {
  const { dataDir, sent, put } = await sentFiles();
  const place = join(dataDir, 'sent');
  writeFileSync(place, 'in the way');
  await expect(put('site/a.txt', 'one')).rejects.toMatchObject({ code: 'file.exists' });
  rmSync(place);
  await sent.ended([]);
  const folder = await put('site/a.txt', 'one');
  expect(readFileSync(join(folder, 'site/a.txt'), 'utf8')).toBe('one');
});

test('at a start what no drop can go on with is removed', async () => {
  const used: string[] = [];
  const { dataDir, put } = await sentFiles();
  const kept = await put('site/a.txt', 'one');
  const folder = await put('site/a.txt', 'one', {}, idOf(2));
  used.push(join(kept, 'site'));
  const next = new SentFiles(dataDir, () => used);
  await next.clear();
  expect([existsSync(kept), existsSync(folder)]).toEqual([true, false]);
  await next.ended(used);
  expect(existsSync(kept)).toBe(false);
});
