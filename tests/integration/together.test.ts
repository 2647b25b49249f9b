import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Together } from '../../shared/contract/releases.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { createFaultProxy } from '../support/fault-proxy.ts';
import { startMirror, type TestMaster, type TestMirror } from '../support/master-and-mirror.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';

const BY = { account: 'tester' };
const LONG = 3_600_000;
const FILES = 20;

/** Five mirrors of one master: two of them fetch through a slow network, one at few bytes a second. */
async function fleet(): Promise<{ master: TestMaster; mirrors: TestMirror[]; connect: (mirror: TestMirror) => void }> {
  const master = await aMaster();
  const slow = await createFaultProxy({ to: { host: '127.0.0.1', port: master.port } });
  onTestFinished(() => slow.stop());
  slow.delay(20);
  const connect = (mirror: TestMirror): void =>
    mirror.connect(master, ['lagos', 'quito'].includes(mirror.name) ? slow.address.port : master.port);
  const mirrors = await Promise.all(
    ['tokyo', 'osaka', 'lagos', 'quito', 'oslo'].map(async (name) =>
      startMirror(await temporaryFolder(), name, name === 'oslo' ? { bytesPerSecond: 50_000 } : {}),
    ),
  );
  for (const mirror of mirrors) {
    onTestFinished(() => mirror.stop());
    connect(mirror);
  }
  await Promise.all(mirrors.map((mirror) => mirror.inStep(master)));
  return { master, mirrors, connect };
}

/** Files of this content, as one release. Resolves its id. */
async function publish(master: TestMaster, content: string, together: Together): Promise<number> {
  const release = master.site.beginRelease(content, BY);
  for (let file = 0; file < FILES; file += 1) {
    const upload = await release.beginUpload(`f${file}` as SitePath, { by: BY });
    await upload.write(Buffer.from(content.padEnd(1000)));
    await upload.commit();
  }
  const { id } = await release.commit({ together });
  return id;
}

const shown = async ({ rootFolder }: Pick<TestMirror, 'rootFolder'>): Promise<string[]> => [
  ...new Set(Object.values(await readTree(rootFolder)).map((text) => text.split('@')[0] ?? '')),
];
const recordOf = (master: TestMaster, id: number) => {
  const record = master.site.releases.records.get(id);
  if (!record) throw new Error('There is no such release.');
  return record;
};
const stampOf = (content: string): string => Buffer.from(content.padEnd(100)).toString('hex').concat(' ');

test('a release for all mirrors appears nowhere before the last of them has it, and then at each', async () => {
  const { master, mirrors } = await fleet();
  for (const content of ['first', 'second', 'third']) {
    const id = await publish(master, content, { limit: LONG });
    await Promise.all(mirrors.map((mirror) => mirror.inStep(master)));
    await until(() => recordOf(master, id).skew !== undefined);
    const { goAt, peers, skew } = recordOf(master, id);
    const ready = peers.map(({ readyAt }) => readyAt ?? Number.NaN);
    const published = peers.map(({ publishedAt }) => publishedAt ?? Number.NaN);
    expect(peers).toHaveLength(mirrors.length);
    expect(goAt).toBeGreaterThanOrEqual(Math.max(...ready));
    expect(Math.min(...published)).toBeGreaterThanOrEqual(goAt ?? Number.NaN);
    expect(skew).toBe(Math.max(...published) - Math.min(...published));
    for (const mirror of mirrors) expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  }
});

test('a mirror that is away is not waited for beyond the limit, and shows the release when it is back', async () => {
  const { master, mirrors, connect } = await fleet();
  await publish(master, 'first', { limit: LONG });
  await Promise.all(mirrors.map((mirror) => mirror.inStep(master)));
  const [away, ...others] = mirrors as [TestMirror, ...TestMirror[]];
  away.cut();
  const id = await publish(master, 'second', { limit: 1_000 });
  await Promise.all(others.map((mirror) => mirror.inStep(master)));
  const { goAt = Number.NaN, at } = recordOf(master, id);
  expect(goAt).toBeGreaterThanOrEqual(at + 1_000);
  expect(await shown(away)).toEqual([stampOf('first')]);
  for (const mirror of others) expect(await shown(mirror)).toEqual([stampOf('second')]);
  connect(away);
  await away.inStep(master);
  expect(await shown(away)).toEqual([stampOf('second')]);
  await until(() => recordOf(master, id).convergedAfter !== undefined);
});

test('where too few mirrors are ready in time nothing appears before a person gives the word', async () => {
  const { master, mirrors, connect } = await fleet();
  await publish(master, 'first', { limit: LONG });
  await Promise.all(mirrors.map((mirror) => mirror.inStep(master)));
  const [away, ...others] = mirrors as [TestMirror, ...TestMirror[]];
  away.cut();
  const id = await publish(master, 'second', { limit: 300, quorum: 5 });
  await until(() => master.word.asking.has(id));
  await until(() => others.every(({ site }) => site.waits().some(({ error }) => error.code === 'wait.word')));
  expect(master.word.asking).toEqual(new Map([[id, 5]]));
  await until(() => master.word.progress(id)?.ready === others.length);
  expect(master.word.progress(id)).toMatchObject({ name: 'second', of: mirrors.length, quorum: 5 });
  expect(others.map(({ site }) => site.waits().map((wait) => [wait.id, wait.kind, wait.files]))).toEqual(
    others.map(() => [[`release:${id}`, 'release', FILES]]),
  );
  for (const mirror of mirrors) expect(await shown(mirror)).toEqual([stampOf('first')]);
  master.word.give(id);
  expect(master.word.progress(id)).toBeUndefined();
  await Promise.all(others.map((mirror) => mirror.inStep(master)));
  for (const mirror of others) expect(await shown(mirror)).toEqual([stampOf('second')]);
  expect(await shown(away)).toEqual([stampOf('first')]);
  connect(away);
  await away.inStep(master);
  expect(await shown(away)).toEqual([stampOf('second')]);
});

test('a mirror that is restarted while it waits for the word shows the release with the others', async () => {
  const { master, mirrors, connect } = await fleet();
  await publish(master, 'first', { limit: LONG });
  await Promise.all(mirrors.map((mirror) => mirror.inStep(master)));
  const folder = await temporaryFolder();
  const extra = await startMirror(folder, 'cairo');
  connect(extra);
  await extra.inStep(master);
  const [away] = mirrors as [TestMirror];
  away.cut();
  const id = await publish(master, 'second', { limit: LONG });
  await until(() => extra.site.waits().some(({ error }) => error.code === 'wait.word'));
  await extra.stop();
  const again = await aMirror('cairo', {}, folder);
  expect(again.site.waits()).toMatchObject([{ id: `release:${id}`, files: FILES }]);
  expect(await shown({ rootFolder: join(folder, 'site') })).toEqual([stampOf('first')]);
  // The word is given while it is not there to hear it.
  master.word.give(id);
  connect(again);
  await again.inStep(master);
  expect(await shown(again)).toEqual([stampOf('second')]);
  const transfers = again.site.state.transfers.latest().slice(-FILES);
  expect(transfers.map(({ state }) => state)).toEqual(transfers.map(() => 'published'));
});

test('what a new mirror is told of a group before the rest of it counts', async () => {
  const master = await aMaster();
  const mirror = await aMirror();
  await master.rules({ groups: [{ name: 'g', members: ['a', 'b'], rule: 'all' }] });
  await master.put('a', 'a');
  mirror.connect(master);
  await until(() => mirror.site.state.cursor >= master.journal.head);
  await master.put('b', 'b');
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});
