import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { Publisher, type PublisherOptions } from '../../electron/engine/mirror/publisher.ts';
import type { Ready } from '../../electron/engine/mirror/ready.ts';
import { DriftStore } from '../../electron/engine/store/drift-store.ts';
import { MirrorState } from '../../electron/engine/store/mirror-state.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { Versions } from '../../electron/engine/tree/versions.ts';
import { newWant } from '../../electron/engine/store/want-rows.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** More than are decided in one transaction. */
const MANY = 650;

/** A publisher of a real folder, and folders that are to be made in it. */
async function withFolders() {
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  const root = await SiteRoot.open(await temporaryFolder(), true);
  store.run("INSERT INTO site (name) VALUES ('www')");
  const state = new MirrorState(store, 'www');
  const readies = store.transaction(() =>
    Array.from({ length: MANY }, (_, at): Ready => {
      const [path, seq] = [`d${at}` as SitePath, at + 1];
      const transfer = state.transfers.add({ op: 'mkdir', path, seq, at: 1 }, 'fetch', 'queued', 1);
      const want = { ...newWant(1), path, target: { kind: 'dir' } as const, seq, transfer };
      state.wants.set(want);
      return { want, verdict: 'fetch', staged: null };
    }),
  );
  const returned: SitePath[] = [];
  const done: SitePath[] = [];
  /** How many wants there were after each transaction. */
  const wants: number[] = [];
  const transaction = store.transaction.bind(store);
  store.transaction = (work) => {
    const result = transaction(work);
    wants.push([...state.wants.all()].length);
    return result;
  };
  const options: Partial<Record<keyof PublisherOptions, unknown>> = {
    state,
    root,
    versions: new Versions(store, state.site, root, () => ({ keep: 'none' }) as never),
    drift: new DriftStore(store, state.site),
    now: () => 2,
    logger: pino({ level: 'silent' }),
    onDone: (ready: Ready) => done.push(ready.want.path),
    onReturned: (ready: readonly Ready[]) => returned.push(...ready.map(({ want }) => want.path)),
    onBlocked: (ready: readonly Ready[]) => ready,
    onTransfer: () => undefined,
    backlogged: () => false,
    onBug: (error: unknown) => {
      throw error;
    },
  };
  const publisher = new Publisher(options as unknown as PublisherOptions);
  onTestFinished(() => publisher.stop());
  return { state, root, publisher, readies, returned, done, wants };
}

test('what is published one by one is decided in portions, in its order', async () => {
  const { root, publisher, readies, done, wants } = await withFolders();
  for (const ready of readies) publisher.publishTogether([ready], () => undefined);
  await expect.poll(() => done.length, { timeout: 30_000 }).toBe(MANY);
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
  await expect.poll(() => done.length + returned.length, { timeout: 30_000 }).toBe(MANY);
  expect(done).toEqual(readies.slice(0, overtaken).map(({ want }) => want.path));
  expect(returned).toEqual(readies.slice(overtaken).map(({ want }) => want.path));
});

test('a set of very many is decided in one transaction', async () => {
  const { publisher, readies, done, wants } = await withFolders();
  publisher.publishTogether(readies, () => undefined);
  await expect.poll(() => done.length, { timeout: 30_000 }).toBe(MANY);
  expect(wants.filter((left) => left > 0 && left < MANY)).toEqual([]);
});
