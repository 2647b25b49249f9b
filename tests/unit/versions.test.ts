import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../electron/engine/store/open.ts';
import { Versions } from '../../electron/engine/tree/versions.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import type { Sha256 } from '../../shared/domain/change.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const LIMITS = { days: 1, count: 1000, bytes: 2 ** 30 };
const DAY = 86_400_000;

async function someVersions(count: number) {
  const root = await SiteRoot.open(await temporaryFolder(), true);
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  const site = store.insert("INSERT INTO site (name) VALUES ('www')");
  const versions = new Versions(store, site, root, () => LIMITS);
  const keep = async (text: string, at: number): Promise<Sha256> => {
    const sha256 = createHash('sha256').update(text).digest('hex');
    versions.note({ sha256, size: text.length, mtime: 0 }, at);
    await writeFile(join(root.versions, sha256), text);
    return sha256;
  };
  const kept: Sha256[] = [];
  for (let index = 0; index < count; index += 1) kept.push(await keep(`${index}`, index));
  const isKept = (sha256: Sha256) => [versions.has(sha256), existsSync(join(root.versions, sha256))];
  return { versions, keep, kept, isKept, root };
}

test('what is kept anew while versions are dropped is not dropped with them', async () => {
  const { versions, keep, kept, isKept } = await someVersions(250);
  const trimming = versions.trim(2 * DAY);
  // The oldest stand last in what is dropped.
  const again = await keep('0', 2 * DAY);
  await trimming;
  expect(kept.filter(versions.has.bind(versions))).toEqual([again]);
  expect(isKept(again)).toEqual([true, true]);
});

test('a version whose file comes a moment after its row is not dropped by whoever wants it in between', async () => {
  const { versions, isKept, root } = await someVersions(0);
  const sha256 = createHash('sha256').update('late').digest('hex');
  versions.note({ sha256, size: 4, mtime: 0 }, 0);
  expect(await versions.take(sha256, join(root.incoming, 'taken'))).toBe(false);
  await writeFile(join(root.versions, sha256), 'late');
  expect(isKept(sha256)).toEqual([true, true]);
  expect(await versions.take(sha256, join(root.incoming, 'taken'))).toBe(true);
});

test('a version that is not what it was is dropped by whoever wants it', async () => {
  const { versions, keep, isKept, root } = await someVersions(0);
  const sha256 = await keep('kept', 0);
  await writeFile(join(root.versions, sha256), 'something else');
  expect(await versions.take(sha256, join(root.incoming, 'taken'))).toBe(false);
  expect(isKept(sha256)).toEqual([false, false]);
  expect(existsSync(join(root.incoming, 'taken'))).toBe(false);
});

test('what cannot be removed from there, as a folder that a program of a file server has made, keeps no site closed, and nothing else', async () => {
  const { versions, kept, isKept, root } = await someVersions(2);
  const [first = '', second = ''] = kept;
  await mkdir(join(root.versions, '@eaDir', 'of a file server'), { recursive: true });
  await versions.sweep();
  await rm(join(root.versions, first));
  await mkdir(join(root.versions, first, 'in the way'), { recursive: true });
  await versions.trim(2 * DAY);
  expect([isKept(first), isKept(second)]).toEqual([
    [true, true],
    [false, false],
  ]);
});
