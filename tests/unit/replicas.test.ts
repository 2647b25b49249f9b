import { expect, it, vi } from 'vitest';
import type { LiveBatch, LivePast, LiveSite } from '../../shared/contract/live.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { Replicas } from '../../renderer/stores/replicas.ts';
import { share } from '../../renderer/stores/share.ts';
import { SiteReplica } from '../../renderer/stores/site-replica.ts';
import { published, put } from '../support/statuses.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

it('shows a snapshot, and what is told after it; a gap asks anew', async () => {
  vi.useFakeTimers();
  vi.stubGlobal('document', { hidden: true });
  const asked: string[] = [];
  let revision = 7;
  const replicas = new Replicas();
  replicas.open({
    call: (async (name: string) => {
      asked.push(name);
      return name === 'live.past' ? { lanes: [] } : { revision, at: NOW, rows: [put(1, 'a', NOW - 50, [])] };
    }) as never,
  });
  replicas.watch('www');
  // Told already, and told while the snapshot was on its way.
  replicas.take(batch(7, [changes(1)]));
  replicas.take(batch(8, [changes(2)]));
  await vi.advanceTimersByTimeAsync(1000);
  replicas.take(batch(9, [changes(3)]));
  await vi.advanceTimersByTimeAsync(1000);
  const paths = (): unknown =>
    replicas
      .get('www')
      ?.rows(10)
      .map((row) => row.path);
  expect(paths()).toEqual(['f3', 'f2', 'a']);
  expect(asked).toEqual(['live.snapshot', 'live.past']);

  revision = 11;
  replicas.take(batch(11, [changes(5)]));
  await vi.advanceTimersByTimeAsync(2000);
  expect(asked).toEqual(['live.snapshot', 'live.past', 'live.snapshot', 'live.past']);
  expect(paths()).toEqual(['a']);
  replicas.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('asks again for a site that could not be told, when something happens there', async () => {
  vi.useFakeTimers();
  vi.stubGlobal('document', { hidden: true });
  let answers = false;
  const asked: string[] = [];
  const replicas = new Replicas();
  replicas.open({
    call: (async (name: string) => {
      asked.push(name);
      if (!answers) throw new Error('the site is not there at the moment');
      return name === 'live.past' ? { lanes: [] } : { revision: 8, at: NOW, rows: [put(1, 'a', NOW - 50, [])] };
    }) as never,
  });
  replicas.watch('www');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked).toEqual(['live.snapshot']);
  answers = true;
  replicas.take(batch(8, [changes(1)]));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(replicas.get('www')?.rows(10)).toHaveLength(1);
  replicas.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('counts what is told one by one, what is told as a number, and the past; nothing twice', () => {
  const replica = new SiteReplica('www', {
    revision: 1,
    at: NOW,
    rows: [put(2, 'b', NOW - 100, []), put(1, 'a', NOW - 5000, [published('tokyo', NOW - 5000, 40)])],
  });
  const past: LivePast = {
    lanes: [
      { peer: null, minute: [columnOf(NOW - 20_000), 5, 0], hour: [], day: [] },
      { peer: 'tokyo', minute: [columnOf(NOW - 20_000), 4, 400], hour: [], day: [] },
    ],
  };
  replica.addPast(past);
  const seen = { seqs: [1, 2, 900], ats: [NOW - 4960, NOW + 10, NOW + 20] };
  const told: LiveSite = {
    ...changes(3),
    moreChanges: { count: 1000, since: NOW, until: NOW + 1000 },
    peers: [
      {
        peer: 'tokyo',
        published: seen,
        morePublished: { count: 70, since: NOW, until: NOW },
        states: [{ seq: 3, state: 'held', error: { code: 'wait.group', params: {} } }],
      },
      // Told again, and in the snapshot's past already.
      { peer: 'osaka', published: { seqs: [0], ats: [NOW - 9000] }, states: [] },
    ],
  };
  replica.apply(told);
  replica.apply({
    ...told,
    moreChanges: undefined,
    peers: [{ peer: 'tokyo', published: { seqs: [1, 2], ats: [1, 2] }, states: [] }],
  });
  const count = (lane: string | null): number => replica.lane(lane).spans.minute.sum(NOW - MINUTE);
  expect([count(null), count('tokyo'), count('osaka')]).toEqual([2 + 5 + 1 + 1000, 1 + 4 + 2 + 70, 0]);
  expect(replica.lane('tokyo').spans.minute.lag(columnOf(NOW - 20_000))).toBe(100);
  expect(replica.rows(1)).toEqual([
    {
      site: 'www',
      ...changes(3).changes[0],
      deliveries: [{ peer: 'tokyo', state: 'held', error: { code: 'wait.group', params: {} } }],
    },
  ]);
});

it('holds a bounded number of changes, however many come', () => {
  const replica = new SiteReplica('www', { revision: 0, at: NOW, rows: [] });
  for (let first = 1; first <= 20_000; first += 100) {
    const seqs = Array.from({ length: 100 }, (_, index) => first + index);
    replica.apply(changes(...seqs));
    replica.apply({
      site: 'www',
      changes: [],
      peers: [{ peer: 'tokyo', published: { seqs, ats: seqs.map(() => NOW + 9) }, states: [] }],
    });
  }
  expect(replica.voices.length).toBeLessThanOrEqual(2500);
  expect(replica.lane('tokyo').spans.hour.sum(NOW - MINUTE)).toBe(20_000);
});

it('shares what says the same', () => {
  const before = {
    sites: [
      { name: 'a', peers: [{ n: 1 }] },
      { name: 'b', peers: [] },
    ],
    waiting: [],
  };
  const next = structuredClone(before);
  expect(share(before, next)).toBe(before);
  const other = { ...structuredClone(before), sites: [structuredClone(before.sites[0]), { name: 'c', peers: [] }] };
  const shared = share(before, other as typeof before);
  expect(shared).toEqual(other);
  expect(shared.sites[0]).toBe(before.sites[0]);
  expect(shared.waiting).toBe(before.waiting);
});

function columnOf(at: number): number {
  return Math.floor(at / (MINUTE / 300));
}

function batch(revision: number, sites: LiveSite[]): LiveBatch {
  return { type: 'live', revision, at: NOW, sites };
}

function changes(...seqs: number[]): LiveSite {
  return {
    site: 'www',
    changes: seqs.map((seq) => ({ seq, op: 'put', path: `f${seq}` as SitePath, size: 1, at: NOW })),
    peers: [],
  };
}
