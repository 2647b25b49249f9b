import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LIVE_CHANGES_MAX, LIVE_PUBLISHED_MAX, LIVE_STATES_MAX, type LiveBatch } from '../../shared/contract/live.ts';
import type { Change } from '../../shared/domain/change.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { Live } from '../../electron/engine/live/live.ts';
import { Meter } from '../../electron/engine/live/meter.ts';
import { readPast } from '../../electron/engine/live/past.ts';
import { addChange, addMirror, addSite, emptyHistory } from '../support/seeded-history.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NOW = 1_800_000_000_000;

describe('a meter', () => {
  it('tells the rate of the last ten seconds, and forgets what is older', () => {
    const meter = new Meter();
    for (let second = 0; second < 10; second += 1) meter.add(50, NOW + second * 1000);
    expect(meter.rate(NOW + 9_500)).toBe(50);
    expect(meter.rate(NOW + 14_500)).toBe(25);
    expect(meter.rate(NOW + 60_000)).toBe(0);
    expect(meter.total).toBe(500);
  });

  it('takes a clock that was set back for one that stands', () => {
    const meter = new Meter();
    meter.add(10, NOW);
    meter.add(10, NOW - 3_600_000);
    expect(meter.rate(NOW)).toBe(2);
  });
});

describe('what happens', () => {
  let now: number;
  let heard: boolean;
  let told: LiveBatch[];
  let live: Live;
  beforeEach(() => {
    vi.useFakeTimers();
    [now, heard, told] = [NOW, true, []];
    live = new Live({
      clock: { now: () => now },
      nameOf: (peer) => `name of ${peer}`,
      isHeard: () => heard,
      tell: (batch) => told.push(batch),
    });
  });
  afterEach(() => {
    live.stop();
    vi.useRealTimers();
  });

  it('is told in batches whose revision grows by one', () => {
    live.committed('www', [put(1)], 'alice');
    live.reported('www', 'p', [{ seq: 1, path: path(1), state: 'fetching' }], 0);
    vi.advanceTimersByTime(200);
    now += 84;
    live.reported('www', 'p', [{ seq: 1, path: path(1), state: 'published', publishedAt: now }], 0);
    vi.advanceTimersByTime(200);
    vi.advanceTimersByTime(10_000);
    const nobody = { seqs: [], ats: [] };
    expect(told).toEqual([
      {
        type: 'live',
        revision: 1,
        at: NOW,
        sites: [
          {
            site: 'www',
            changes: [{ seq: 1, op: 'put', path: 'f1', size: 10, at: NOW, by: 'alice' }],
            peers: [{ peer: 'name of p', published: nobody, states: [{ seq: 1, state: 'fetching' }] }],
          },
        ],
      },
      {
        type: 'live',
        revision: 2,
        at: NOW + 84,
        sites: [
          {
            site: 'www',
            changes: [],
            peers: [{ peer: 'name of p', published: { seqs: [1], ats: [NOW + 84] }, states: [] }],
          },
        ],
      },
    ]);
    expect(live.ratesOf('www', 'p')).toEqual({
      changesPerSecond: 0.1,
      bytesPerSecond: 0,
      lagMillis: 84,
      totals: { published: 1, bytes: 0, failures: 0 },
    });
  });

  it('is not gathered for nobody, but counted', () => {
    heard = false;
    live.committed('www', [put(1), put(2)], 'alice');
    vi.advanceTimersByTime(1000);
    expect(told).toEqual([]);
    expect(live.settle()).toBe(0);
    expect(live.ratesOfSite('www').changesPerSecond).toBe(0.2);
  });

  it('is counted in a flood where it does not fit: the numbers are whole', () => {
    const count = 3 * LIVE_PUBLISHED_MAX;
    live.committed(
      'www',
      Array.from({ length: count }, (_, index) => put(index + 1)),
      'alice',
    );
    const published = Array.from({ length: count }, (_, index) => ({
      seq: index + 1,
      path: path(index + 1),
      state: 'published' as const,
      publishedAt: NOW,
    }));
    // More than are remembered to be told again: all of them are new.
    live.reported('www', 'p', published, 0);
    const held = Array.from({ length: 2 * LIVE_STATES_MAX }, (_, index) => ({
      seq: count + index,
      path: path(index),
      state: index === 70 ? ('held' as const) : ('queued' as const),
    }));
    live.reported('www', 'p', held, 0);
    live.settle();
    const [site] = told[0]?.sites ?? [];
    const [mirror] = site?.peers ?? [];
    expect([site?.changes.length, site?.moreChanges?.count]).toEqual([LIVE_CHANGES_MAX, count - LIVE_CHANGES_MAX]);
    expect(mirror?.published.seqs.length).toBe(LIVE_PUBLISHED_MAX);
    expect(mirror?.morePublished?.count).toBe(count - LIVE_PUBLISHED_MAX);
    // What needs a person is told, whatever else there is.
    expect(mirror?.states[0]).toMatchObject({ state: 'held', seq: count + 70 });
    expect([mirror?.states.length, mirror?.moreStates]).toEqual([LIVE_STATES_MAX, LIVE_STATES_MAX]);
  });

  it('is told once, also where a mirror tells it again', () => {
    const item = { seq: 1, path: path(1), state: 'published' as const, publishedAt: NOW + 5 };
    live.committed('www', [put(1)], 'alice');
    now += 10;
    live.reported('www', 'p', [item, item], 0);
    live.settle();
    live.reported('www', 'p', [item], 0);
    live.settle();
    expect(
      told.flatMap(({ sites }) => sites.flatMap(({ peers }) => peers.flatMap((each) => each.published.seqs))),
    ).toEqual([1]);
  });

  it('is told by this clock, between the change and now, whatever a mirror’s clock says', () => {
    live.committed('www', [put(1), put(2), put(3)], 'alice');
    now += 100;
    const published = (seq: number, at: number) => ({
      seq,
      path: path(seq),
      state: 'published' as const,
      publishedAt: at,
    });
    live.reported('www', 'ahead', [published(1, NOW + 3_600_000 + 40)], 3_600_000);
    live.reported('www', 'late', [published(2, NOW + 3_600_000)], 0);
    live.reported('www', 'early', [published(3, NOW - 500)], -500);
    live.settle();
    expect(told[0]?.sites[0]?.peers.map(({ published: { ats } }) => ats[0])).toEqual([NOW + 40, NOW + 100, NOW]);
  });
});

it('the past is told in columns: how many there were on each lane, and how late', async () => {
  const history = await emptyHistory(`${await temporaryFolder()}/lockstep.db`, 'master', 'origin');
  const site = addSite(history, 'www');
  addMirror(history, 'a', 'tokyo');
  const day = 86_400_000;
  for (const [seq, age] of [
    [1, 2 * day],
    [2, 3_000_000],
    [3, 30_000],
    [4, 29_990],
    [5, 10],
  ] as const)
    addChange(history, site, {
      seq,
      at: NOW - age,
      path: `f${seq}`,
      deliveries: [{ peer: 'a', state: 'published', after: 50 }],
    });
  const nameOf = (peer: string): string => history.peers.get(peer)?.name ?? peer;
  const { lanes, lookedBackTo } = await readPast(history.store, site, NOW, { of: 'master', before: 5, nameOf });
  expect(lookedBackTo).toBeUndefined();
  const numbers = lanes.map(({ peer, minute, hour, day: ofDay }) => [peer, sum(minute), sum(hour), sum(ofDay)]);
  expect(numbers).toEqual([
    [null, [2, 0], [3, 0], [3, 0]],
    ['tokyo', [2, 100], [3, 150], [3, 150]],
  ]);
  history.store.close();
});

/** How many, and the sum of their delays. */
function sum(columns: readonly number[]): number[] {
  return [1, 2].map((part) => columns.reduce((total, each, index) => (index % 3 === part ? total + each : total), 0));
}

function path(seq: number): SitePath {
  return `f${seq}` as SitePath;
}

function put(seq: number): Change {
  return { op: 'put', seq, at: NOW, path: path(seq), size: 10, mtime: NOW, sha256: 'a'.repeat(64) };
}
