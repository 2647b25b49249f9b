import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { decideWord } from '../../electron/engine/core/word.ts';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { until } from '../support/until.ts';
import { readTree } from '../support/tree.ts';

async function pair() {
  const master = await aMaster();
  const mirror = await aMirror();
  mirror.connect(master);
  await master.put('before.txt', 'before');
  await mirror.inStep(master);
  return { master, mirror };
}

async function stagedBytes(rootFolder: string): Promise<number> {
  const own = join(rootFolder, '.lockstep');
  const names = await readdir(own, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(own, name))).size));
  return Math.max(0, ...sizes.filter((size) => size >= 64 * 1024 && size <= MEGABYTE.length));
}

const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');

describe.each(['master', 'mirror'] as const)('a mirror that is paused at the %s', (at) => {
  test('is told of nothing, and changes nothing, until it goes on where it stands', async () => {
    const { master, mirror } = await pair();
    if (at === 'master') master.ask(mirror, { pausedAt: Date.now() });
    else mirror.pause();
    await until(
      () => master.notifier.isPaused('www', mirror.peer.id) && mirror.site.conditions.mode === 'paused',
      'both know',
    );
    const { cursor } = mirror.site.state;
    const told = mirror.heard.notify ?? 0;
    await master.put('during.txt', 'during');
    await master.remove('before.txt');
    await master.mkdir('folder');
    await sleep(100);
    expect(mirror.site.state.cursor).toBe(cursor);
    expect(mirror.heard.notify ?? 0).toBe(told);
    expect(Object.keys(await readTree(mirror.rootFolder))).toEqual(['before.txt']);
    if (at === 'master') master.ask(mirror, {});
    else mirror.resume();
    await mirror.inStep(master);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  });

  test('breaks off what it fetches, and fetches the rest of it later', async () => {
    const { master, mirror } = await pair();
    mirror.set({ bytesPerSecond: 128 * 1024 });
    await master.put('large.bin', MEGABYTE);
    const staged = () => mirror.store.get("SELECT bytes, state FROM transfer WHERE path = 'large.bin'");
    await until(async () => (await stagedBytes(mirror.rootFolder)) > 0, 'a part is here');
    if (at === 'master') master.ask(mirror, { pausedAt: Date.now() });
    else mirror.pause();
    await until(() => mirror.site.conditions.mode === 'paused', 'it stands');
    await sleep(100);
    expect(mirror.site.state.counts()).toEqual({ waiting: 1, failing: 0, held: 0 });
    mirror.set({ bytesPerSecond: undefined });
    if (at === 'master') master.ask(mirror, {});
    else mirror.resume();
    await mirror.inStep(master);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
    const bytes = Number(staged()?.['bytes']);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(MEGABYTE.length);
  });
});

test('hours that end break off what is fetched; deletes go on', async () => {
  const { master, mirror } = await pair();
  const hour = new Date().getHours();
  mirror.set({ hours: { from: (hour + 2) % 24, to: (hour + 3) % 24 } });
  await master.put('later.txt', 'later');
  await master.remove('before.txt');
  await until(async () => Object.keys(await readTree(mirror.rootFolder)).length === 0, 'the delete is done');
  await until(() => mirror.site.state.cursor === master.journal.head, 'both have been heard of');
  expect(mirror.site.state.counts().waiting).toBe(1);
  await until(() => {
    const { opensAt, hours } = master.notifier.ownConditions('www', mirror.peer.id);
    return hours !== undefined && opensAt !== undefined && opensAt > Date.now();
  }, 'the master knows when');
  mirror.set({ hours: undefined });
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('what waits for a group does not run out of time while it is paused', async () => {
  const { master, mirror } = await pair();
  // So long that it is not over before the mirror is paused, however slow the machine is.
  await master.rules({ groups: [{ name: 'g', members: ['a.txt', 'b.txt'], rule: 'all', limit: 3_000 }] });
  await master.put('a.txt', 'a');
  await until(() => mirror.site.waits().length === 1, 'it waits');
  const [{ until: limit = Number.NaN } = {}] = mirror.site.waits();
  mirror.pause();
  await until(() => mirror.site.conditions.mode === 'paused', 'it stands');
  await until(() => Date.now() > limit + 200, 'its time would be over');
  expect(Object.keys(await readTree(mirror.rootFolder))).toEqual(['before.txt']);
  await master.put('b.txt', 'b');
  mirror.resume();
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('a release for all at once does not wait for a mirror that is paused, and reaches it later', async () => {
  const { master, mirror } = await pair();
  const osaka = await aMirror('osaka');
  osaka.connect(master);
  await osaka.inStep(master);
  master.ask(osaka, { pausedAt: Date.now() });
  const release = master.site.beginRelease('spring', { account: 'tester' });
  const upload = await release.beginUpload('page.html' as Parameters<typeof release.beginUpload>[0], {
    by: { account: 'tester' },
  });
  await upload.write(Buffer.from('spring'));
  await upload.commit();
  // Nobody would wait so long.
  await release.commit({ together: { limit: 3_600_000, quorum: 2 } });
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  expect(Object.keys(await readTree(osaka.rootFolder))).toEqual(['before.txt']);
  master.ask(osaka, {});
  await osaka.inStep(master);
  expect(await readTree(osaka.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('with nobody left to wait for the word is given', () => {
  expect(decideWord({ at: 0, limit: 60_000, quorum: 3, ready: [] }, 1)).toEqual({ kind: 'go' });
});

test('the master hears what fails at a mirror, and when it is over', async () => {
  const { master, mirror } = await pair();
  const told = () =>
    master.notifier
      .waiting('www')
      .get(mirror.peer.id)
      ?.items.map(({ id, kind }) => ({ id, kind }));
  // Nothing listens there.
  mirror.connect(master, 1);
  await master.put('new.txt', 'new');
  await until(() => JSON.stringify(told()) === '[{"id":"source","kind":"failing"}]', 'the way is out of order');
  const [source] = master.notifier.waiting('www').get(mirror.peer.id)?.items ?? [];
  expect(source).toMatchObject({ error: { code: 'fetch.unreachable' } });
  expect(source?.nextAttemptAt).toBeGreaterThan(Date.now() - 60_000);
  mirror.connect(master);
  await mirror.inStep(master);
  await until(() => JSON.stringify(told()) === '[]', 'it is over');
});
