import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Ready } from '../../electron/engine/mirror/ready.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { startPublisher } from '../support/site-publisher.ts';

/** More than are decided in one transaction. */
const MANY = 650;

/** A publisher of a real folder, and folders that are to be made in it. */
async function withFolders() {
  const started = await startPublisher();
  const { state, ready } = started;
  const readies = state.store.transaction(() =>
    Array.from({ length: MANY }, (_, at): Ready => ready(`d${at}` as SitePath, { kind: 'dir' }, at + 1)),
  );
  /** How many wants there were after each transaction. */
  const wants: number[] = [];
  const transaction = state.store.transaction.bind(state.store);
  state.store.transaction = (work) => {
    const result = transaction(work);
    wants.push([...state.wants.all()].length);
    return result;
  };
  return { ...started, readies, wants };
}

test('what is published one by one is decided in portions, in its order', async () => {
  const { root, publisher, readies, done, wants } = await withFolders();
  for (const ready of readies) publisher.publishTogether([ready], () => undefined);
  await expect.poll(() => done.length).toBe(MANY);
  expect(done).toEqual(readies.map(({ want }) => want.path));
  expect(readies.every(({ want }) => existsSync(join(root.folder, want.path)))).toBe(true);
  const steps = wants.map((left, at) => (wants[at - 1] ?? MANY) - left);
  expect(Math.max(...steps)).toBeLessThanOrEqual(100);
});

test('after a set that was overtaken nothing is published, of the portions after it neither', async () => {
  const { state, publisher, readies, done, returned } = await withFolders();
  const overtaken = 150;
  const [one] = readies.slice(overtaken);
  if (one) state.wants.drop(one.want.path);
  for (const ready of readies) publisher.publishTogether([ready], () => undefined);
  await expect.poll(() => done.length + returned.length).toBe(MANY);
  expect(done).toEqual(readies.slice(0, overtaken).map(({ want }) => want.path));
  expect(returned).toEqual(readies.slice(overtaken).map(({ want }) => want.path));
});

test('a set of very many is decided in one transaction', async () => {
  const { publisher, readies, done, wants } = await withFolders();
  publisher.publishTogether(readies, () => undefined);
  await expect.poll(() => done.length).toBe(MANY);
  expect(wants.filter((left) => left > 0 && left < MANY)).toEqual([]);
});
