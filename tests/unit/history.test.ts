import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { listHistory, pageHistory } from '../../electron/engine/history/history.ts';
import type { HistoryQuery } from '../../electron/engine/history/source.ts';
import { FORMER_PEERS_MAX } from '../../electron/engine/store/peers.ts';
import { Transfers } from '../../electron/engine/store/transfers.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import {
  addAborted,
  addChange,
  addMirror,
  addSite,
  emptyHistory,
  type SeededHistory,
  seedChanges,
} from '../support/seeded-history.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('pages follow one another without a gap or a double, over sites and uploads that were broken off', async () => {
  const history = await ofMaster();
  const [www, docs] = [addSite(history, 'www'), addSite(history, 'docs')];
  // Many at one time: what came first then is told by source and number.
  for (let seq = 1; seq <= 30; seq += 1) {
    addChange(history, www, { seq, at: 1000 + Math.floor(seq / 7), path: `w${seq}` });
    addChange(history, docs, { seq, at: 1000 + Math.floor(seq / 5), path: `d${seq}` });
    if (seq % 4 === 0) addAborted(history, www, 1000 + Math.floor(seq / 7), `broken${seq}`);
  }
  const all = listHistory(history, { limit: 1000 });
  expect(all).toHaveLength(67);
  expect(all.map(({ at }) => at)).toEqual(all.map(({ at }) => at).toSorted((a, b) => b - a));
  for (const limit of [1, 3, 10, 67, 100]) {
    const pages = everyPage(history, { limit });
    expect(pages.map(({ path }) => path)).toEqual(all.map(({ path }) => path));
    expect(new Set(pages.map(({ id }) => id)).size).toBe(67);
  }
});

test('a page stays where it is while changes come in', async () => {
  const history = await ofMaster();
  const site = addSite(history, 'www');
  seedChanges(history, site, 50, 1_000_000);
  const first = pageHistory(history, { limit: 20 });
  const second = pageHistory(history, { limit: 20, before: first.next });
  for (let seq = 51; seq < 90; seq += 1) addChange(history, site, { seq, at: 1_000_000 + seq, path: 'new.html' });
  expect(pageHistory(history, { limit: 20, before: first.next })).toEqual(second);
});

test('filters: site, time, kind, state, mirror and path', async () => {
  const history = await ofMaster();
  const site = addSite(history, 'www');
  addChange(history, addSite(history, 'other'), { seq: 1, at: 4, path: 'news/elsewhere.html' });
  addChange(history, site, {
    seq: 1,
    at: 1,
    path: 'a.html',
    deliveries: [{ peer: 'a', state: 'published', after: 4 }],
  });
  addChange(history, site, { seq: 2, at: 2, path: 'news/b.html', deliveries: [{ peer: 'a', state: 'failed' }] });
  addChange(history, site, {
    seq: 3,
    at: 3,
    path: 'news/c.html',
    op: 'delete',
    deliveries: [{ peer: 'b', state: 'queued' }],
  });
  addAborted(history, site, 4, 'news/d.html');
  const found = (query: Partial<HistoryQuery>): string[] =>
    pageHistory(history, { site: 'www', limit: 10, ...query }).rows.map(({ path }) => path);
  expect(found({})).toEqual(['news/d.html', 'news/c.html', 'news/b.html', 'a.html']);
  expect(found({ glob: 'news/**' })).toEqual(['news/d.html', 'news/c.html', 'news/b.html']);
  expect(found({ since: 2, until: 3 })).toEqual(['news/c.html', 'news/b.html']);
  expect(found({ op: 'aborted' })).toEqual(['news/d.html']);
  expect(found({ op: 'delete' })).toEqual(['news/c.html']);
  expect(found({ states: ['failed', 'queued'] })).toEqual(['news/c.html', 'news/b.html']);
  expect(found({ states: ['failed'], peer: 'berlin' })).toEqual([]);
  expect(found({ peer: 'tokyo' })).toEqual(['news/b.html', 'a.html']);
  expect(found({ peer: 'nobody' })).toEqual([]);
});

test('a mirror that was removed keeps its name in the history, and can be asked for by it, also where another has the name by now', async () => {
  const history = await ofMaster();
  const site = addSite(history, 'www');
  const deliveries = [{ peer: 'a', state: 'published', after: 4 }];
  addChange(history, site, { seq: 1, at: 1, path: 'of the first', deliveries });
  history.peers.remove('a'.repeat(64));
  const rows = (query: Partial<HistoryQuery> = {}): unknown[] =>
    pageHistory(history, { limit: 10, ...query }).rows.map(({ path, deliveries: all }) => [
      path,
      ...all.map(({ peer }) => peer),
    ]);
  expect(rows()).toEqual([['of the first', 'tokyo']]);
  expect([rows({ peer: 'tokyo' }), rows({ peer: 'osaka' })]).toEqual([rows(), []]);
  addMirror(history, 'd', 'tokyo');
  addChange(history, site, { seq: 2, at: 2, path: 'of the second', deliveries: [{ peer: 'd', state: 'published' }] });
  expect(rows({ peer: 'tokyo' })).toEqual([
    ['of the second', 'tokyo'],
    ['of the first', 'tokyo'],
  ]);
  expect([history.peers.nameOf('a'.repeat(64)), history.peers.nameOf('e'.repeat(64))]).toEqual([
    'tokyo',
    'e'.repeat(12),
  ]);
  // Paired again it has a name of its own, and removed again that one is the last.
  addMirror(history, 'a', 'kyoto');
  expect(rows({ peer: 'kyoto' })).toEqual([['of the first', 'kyoto']]);
  history.peers.remove('a'.repeat(64));
  expect(rows({ peer: 'kyoto' })).toEqual([['of the first', 'kyoto']]);
});

test('of mirrors that were removed so many keep their names', async () => {
  const { peers } = await ofMaster();
  const ids = Array.from({ length: FORMER_PEERS_MAX + 1 }, (_, index) => String(index).padStart(64, '0'));
  for (const id of ids) {
    peers.save({ id, name: `mirror ${id}`, role: 'mirror', certificate: '', address: null, dial: 'us' }, 0);
    peers.remove(id);
  }
  expect(ids.map((id) => peers.nameOf(id)).filter((name) => name.startsWith('mirror'))).toHaveLength(FORMER_PEERS_MAX);
  expect(peers.nameOf(ids[0] ?? '')).toBe('0'.repeat(12));
});

test('a change that is rare is looked for in pages that end, and say how far they looked', async () => {
  const history = await ofMaster();
  const site = addSite(history, 'www');
  addChange(history, site, { seq: 1, at: 1, path: 'rare.txt' });
  history.store.transaction(() => {
    for (let seq = 2; seq <= 25_000; seq += 1) addChange(history, site, { seq, at: seq, path: 'often.txt' });
  });
  const first = pageHistory(history, { glob: 'rare.*', limit: 10 });
  expect(first).toEqual({ rows: [], next: '15001.2.15001', lookedBackTo: 15_001, about: 25_000 });
  const second = pageHistory(history, { glob: 'rare.*', limit: 10, before: first.next });
  expect(second).toEqual({ rows: [], next: '5001.2.5001', lookedBackTo: 5001 });
  const third = pageHistory(history, { glob: 'rare.*', limit: 10, before: second.next });
  expect(third).toMatchObject({ rows: [{ path: 'rare.txt', id: '1.2.1' }], lookedBackTo: 1 });
  expect(third.next).toBeUndefined();
});

test('a mirror tells what came of what it was told, in the order of telling', async () => {
  const history = await emptyHistory(join(await temporaryFolder(), 'm.db'), 'mirror', 'osaka');
  onTestFinished(() => history.store.close());
  const transfers = new Transfers(history.store, addSite(history, 'www'));
  const told = (seq: number, at: number): number => {
    const change = {
      seq,
      at,
      op: 'put' as const,
      path: `p${seq}` as SitePath,
      size: 5,
      mtime: 1,
      sha256: 'f'.repeat(64),
    };
    return transfers.add(change, 'fetch', 'queued', at + 3);
  };
  told(1, 10);
  told(2, 20);
  // The clock was set back.
  const third = told(3, 15);
  transfers.update(third, { state: 'failed', attempts: 2, error: { code: 'file.disk-full', params: {} } });
  const rows = everyPage(history, { limit: 2 });
  expect(rows.map(({ seq }) => seq)).toEqual([3, 2, 1]);
  expect(pageHistory(history, { limit: 10, states: ['failed'] })).toEqual({
    rows: [
      {
        id: '0.0.3',
        site: 'www',
        seq: 3,
        op: 'put',
        path: 'p3',
        size: 5,
        at: 15,
        deliveries: [
          {
            peer: 'osaka',
            state: 'failed',
            verdict: 'fetch',
            notifiedAt: 15,
            receivedAt: 18,
            attempts: 2,
            error: { code: 'file.disk-full', params: {} },
          },
        ],
      },
    ],
    lookedBackTo: 13,
    about: 3,
  });
});

test('a mirror that was not told of a change by itself, and shows all up to it, has it; one that no route names is not named', async () => {
  const { config, ...rest } = await ofMaster();
  const routes = [
    { glob: 'private/**', mirrors: ['other'] },
    { glob: '**', mirrors: 'all' as const },
  ];
  const history = {
    ...rest,
    config: { ...config, sites: [{ name: 'www', root: '/srv/www', routes }] },
  } as SeededHistory;
  const site = addSite(history, 'www');
  const deliveries = [{ peer: 'a', state: 'published', after: 4 }];
  addChange(history, site, { seq: 1, at: 1, path: 'told', deliveries });
  for (const [seq, path] of ['compared', 'private/x', 'behind'].entries())
    addChange(history, site, { seq: seq + 2, at: seq + 2, path });
  const insert = 'INSERT INTO subscription (site, peer, journal, published_seq) VALUES (?, ?, ?, 3)';
  history.store.run(insert, site, 'a'.repeat(64), 'j');
  // What it has shown was of another journal.
  history.store.run(insert, site, 'b'.repeat(64), 'an earlier one');
  expect(listHistory(history, { limit: 10 }).map(({ path, deliveries: all }) => [path, all])).toEqual([
    ['behind', []],
    ['private/x', []],
    ['compared', [{ peer: 'tokyo', state: 'skipped' }]],
    ['told', [expect.objectContaining({ peer: 'tokyo', state: 'published' })]],
  ]);
});

async function ofMaster(): Promise<SeededHistory> {
  const history = await emptyHistory(join(await temporaryFolder(), 'h.db'), 'master', 'origin');
  onTestFinished(() => history.store.close());
  addMirror(history, 'a', 'tokyo');
  addMirror(history, 'b', 'osaka');
  addMirror(history, 'c', 'berlin');
  return history;
}

function everyPage(history: SeededHistory, query: HistoryQuery): ReturnType<typeof pageHistory>['rows'] {
  const rows: ReturnType<typeof pageHistory>['rows'] = [];
  for (let before: string | undefined; ; ) {
    const page = pageHistory(history, { ...query, before });
    rows.push(...page.rows);
    before = page.next;
    if (before === undefined) return rows;
  }
}
