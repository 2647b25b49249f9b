import { createHash } from 'node:crypto';
import { rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { startPublisher } from '../support/site-publisher.ts';

const FILE = 'page.html' as SitePath;
const THEN = Date.UTC(2026, 0, 1);
const OURS = {
  kind: 'file',
  size: 4,
  mtime: THEN,
  sha256: createHash('sha256').update('ours').digest('hex'),
} as const;

/** A file as the index says, and a change that gives it another time, which waits for its word. */
async function withTimeToCome() {
  const started = await startPublisher();
  const { root, state, ready } = started;
  const file = join(root.folder, FILE);
  writeFileSync(file, 'ours');
  utimesSync(file, THEN / 1000, THEN / 1000);
  state.setEntry(FILE, OURS, 1);
  return { ...started, file, waiting: ready(FILE, { ...OURS, mtime: THEN + 9000 }, 2) };
}

test('a file gets the time of a change that is of its time only', async () => {
  const { publisher, waiting, file, done, failed } = await withTimeToCome();
  publisher.publishTogether([waiting], () => undefined);
  await expect.poll(() => done).toEqual([FILE]);
  expect([statSync(file).mtimeMs, failed]).toEqual([THEN + 9000, []]);
});

test('what somebody else has made of it meanwhile does not get that time, and the file is wanted as any other', async () => {
  const { publisher, waiting, file, done, failed, returned, state } = await withTimeToCome();
  writeFileSync(file, 'none');
  utimesSync(file, THEN / 1000 + 7, THEN / 1000 + 7);
  publisher.publishTogether([waiting], () => undefined);
  await expect.poll(() => [...done, ...failed, ...returned]).toEqual([FILE]);
  expect([statSync(file).mtimeMs, state.entry(FILE), state.wants.of(FILE)]).toEqual([
    THEN + 7000,
    expect.objectContaining({ mtime: THEN }),
    expect.objectContaining({ state: 'queued' }),
  ]);
});

test('nor does what somebody has written to it between the look and the deed', async () => {
  const { publisher, waiting, file, done, failed } = await withTimeToCome();
  publisher.publishTogether([waiting], () => {
    writeFileSync(file, 'none');
    utimesSync(file, THEN / 1000 + 7, THEN / 1000 + 7);
  });
  await expect.poll(() => [...done, ...failed]).toEqual([FILE]);
  expect(statSync(file).mtimeMs).toBe(THEN + 7000);
});

test('nor what somebody has written to it after the deed, where that is done again after a crash', async () => {
  const { publisher, waiting, file, done, state, start } = await withTimeToCome();
  publisher.publishTogether([waiting], () => undefined);
  await expect.poll(() => done).toEqual([FILE]);
  const plans = state.store.all('SELECT * FROM plan');
  await publisher.stop();
  for (const { steps = null } of plans) state.store.run('INSERT INTO plan (site, steps) VALUES (1, ?)', steps);
  writeFileSync(file, 'none');
  utimesSync(file, THEN / 1000 + 7, THEN / 1000 + 7);
  await start();
  expect([plans.length, statSync(file).mtimeMs]).toEqual([1, THEN + 7000]);
});

test('where it has the time already, as an older database does not know, that is still flushed, and done again where it is lost', async () => {
  const { publisher, waiting, file, done, state } = await withTimeToCome();
  utimesSync(file, (THEN + 9000) / 1000, (THEN + 9000) / 1000);
  publisher.publishTogether([waiting], () => undefined);
  await expect.poll(() => done).toEqual([FILE]);
  expect(state.store.all('SELECT steps FROM plan').map((row) => JSON.parse(String(row['steps'])))).toEqual([
    [{ do: 'touch', path: FILE, mtime: THEN + 9000, was: THEN + 9000 }],
  ]);
  expect(statSync(file).mtimeMs).toBe(THEN + 9000);
});

test('nor does it where a newer time was told since it was ready', async () => {
  const { publisher, ready, waiting, file, done, failed } = await withTimeToCome();
  ready(FILE, { ...OURS, mtime: THEN + 11_000 }, 3);
  writeFileSync(file, 'none');
  utimesSync(file, THEN / 1000 + 7, THEN / 1000 + 7);
  publisher.publish(waiting);
  await expect.poll(() => [...done, ...failed]).toEqual([FILE]);
  expect(statSync(file).mtimeMs).toBe(THEN + 7000);
});

test('where it is gone meanwhile nothing fails: the file is wanted as any other', async () => {
  const { publisher, waiting, file, done, failed, returned, state } = await withTimeToCome();
  rmSync(file);
  publisher.publishTogether([waiting], () => undefined);
  await expect.poll(() => [...done, ...failed, ...returned]).toEqual([FILE]);
  expect(state.wants.of(FILE)).toMatchObject({ state: 'queued' });
});
