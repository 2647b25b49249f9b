import { expect, onTestFinished, test } from 'vitest';
import { Feed, hashRoutes } from '../../electron/engine/master/notifier/feed.ts';
import { IndexAnswers } from '../../electron/engine/master/notifier/index-answers.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { PeerStore } from '../../electron/engine/store/peers.ts';
import { LINK_ITEMS_MAX, type LinkMessage } from '../../shared/contract/link.ts';
import { type SitePath } from '../../shared/domain/site-path.ts';
import { aMaster } from '../support/a-pair.ts';
import type { TestMaster } from '../support/master-and-mirror.ts';
import { TOKYO } from '../support/tokyo.ts';
import { until } from '../support/until.ts';
import { aSession } from '../support/scripted-session.ts';

async function aTestMaster(): Promise<TestMaster> {
  const master = await aMaster();
  new PeerStore(master.store).save(TOKYO, 1);
  master.deliveries.subscribe(TOKYO.id);
  return master;
}

/** A link that takes nothing before `drain`. */
function aSlowLink() {
  const told: LinkMessage[] = [];
  const state = { backlog: 0, drain: (): void => {} };
  const session = aSession((message) => told.push(message), {
    get backlog() {
      return state.backlog;
    },
    drained: () => (state.backlog === 0 ? Promise.resolve() : new Promise((resolve) => (state.drain = resolve))),
  });
  return { told, session, state };
}

test('a folder with much in it that is told entry by entry goes as fast as the mirror reads', async () => {
  const master = await aTestMaster();
  const { journal, deliveries } = master;
  const append = (...changes: Parameters<typeof journal.append>[0]): void => {
    journal.append(changes, { account: 'test' }, 1);
    journal.confirm();
  };
  const dirs = Array.from({ length: 3 * LINK_ITEMS_MAX }, (_, at) => `d/${at}` as SitePath);
  append({ op: 'mkdir', path: 'd' as SitePath }, ...dirs.map((path) => ({ op: 'mkdir' as const, path })));
  const { told, session, state } = aSlowLink();
  const own = { site: 'www', journal, deliveries, session, clock: systemClock, routes: [], router: undefined };
  const feed = new Feed({ ...own, filtered: true, announcer: () => undefined });
  state.backlog = 2 ** 30;
  feed.begin(null, 0);
  expect(told.map(({ type }) => type)).toEqual(['rules', 'snapshotNeeded']);
  state.backlog = 0;
  for (let after = ''; told.at(-1)?.type !== 'snapshotPage' || after !== ''; ) {
    feed.page({ type: 'snapshotWanted', site: 'www', journal: journal.id, after: after as SitePath });
    const page = told.at(-1);
    after = page?.type === 'snapshotPage' && !page.last ? page.through : '';
  }
  feed.received({ journal: journal.id, seq: journal.head });
  told.length = 0;
  append({ op: 'rename', from: 'd' as SitePath, path: 'e' as SitePath, kind: 'dir' });
  const send = session.send.bind(session);
  session.send = (message) => {
    send(message);
    state.backlog = 2 ** 30;
  };
  feed.wake();
  expect(told).toHaveLength(1);
  const items = () => told.flatMap((message) => (message.type === 'notify' ? message.items : []));
  for (let parts = 1; items().length < 2 * (dirs.length + 1); parts += 1) {
    expect(told).toHaveLength(parts);
    state.backlog = 0;
    state.drain();
    await until(() => told.length > parts, 'the next part is told');
  }
  const last = told.at(-1);
  expect(last).toMatchObject({ type: 'notify', mode: 'live', through: journal.head });
  expect(new Set(items().map(({ op, path }) => `${op} ${path}`)).size).toBe(2 * (dirs.length + 1));
});

test.each(['catch-up', 'live'] as const)(
  'where the journal is cut in the middle of what a slow mirror is told (%s), it compares: nobody would tell it of a delete any more',
  async (mode) => {
    const { journal, deliveries } = await aTestMaster();
    const append = (at: number, ...changes: Parameters<typeof journal.append>[0]): void => {
      journal.append(changes, { account: 'test' }, at);
      journal.confirm();
    };
    append(1, { op: 'mkdir', path: 'old' as SitePath });
    const { told, session, state } = aSlowLink();
    const own = { site: 'www', journal, deliveries, session, clock: systemClock, routes: [], router: undefined };
    const feed = new Feed({ ...own, filtered: false, announcer: () => undefined });
    deliveries.toldBy(TOKYO.id, hashRoutes([], TOKYO.name));
    if (mode === 'live') feed.begin(journal.id, journal.head);
    const dirs = Array.from({ length: LINK_ITEMS_MAX + 10 }, (_, at) => `d${at}` as SitePath);
    append(1, ...dirs.map((path) => ({ op: 'mkdir' as const, path })), { op: 'rmdir', path: 'old' as SitePath });
    append(3, { op: 'mkdir', path: 'new' as SitePath });
    const send = session.send.bind(session);
    session.send = (message) => {
      send(message);
      if (message.type === 'notify') state.backlog = 2 ** 30;
    };
    if (mode === 'live') feed.wake();
    else feed.begin(journal.id, 1);
    expect(told.at(-1)).toMatchObject({ type: 'notify', mode });
    journal.trim(2);
    state.backlog = 0;
    state.drain();
    await until(() => state.backlog > 0 || told.at(-1)?.type === 'snapshotNeeded', 'it is told the next');
    expect(told.at(-1)).toMatchObject({ type: 'snapshotNeeded', seq: journal.head });
  },
);

test('questions about the index are answered as fast as the mirror reads', async () => {
  const { journal, deliveries } = await aTestMaster();
  const { told, session, state } = aSlowLink();
  const site = { name: 'www', journal, deliveries, router: undefined };
  const answers = new IndexAnswers(
    session,
    () => site as unknown as ReturnType<ConstructorParameters<typeof IndexAnswers>[1]>,
  );
  onTestFinished(() => answers.stop());
  state.backlog = 2 ** 20;
  let asked = 0;
  const drained = session.drained.bind(session);
  session.drained = () => {
    asked += 1;
    return drained();
  };
  const ask = (): void => answers.ask({ type: 'digestWanted', site: 'www', journal: journal.id, after: '' });
  ask();
  await until(() => asked === 1 || told.length > 0, 'it would answer');
  for (let times = 0; times < 100; times += 1) ask();
  expect(told).toEqual([]);
  state.backlog = 0;
  state.drain();
  await until(() => told.length > 0, 'it is answered');
  expect([asked, told.length]).toEqual([1, 1]);
});
