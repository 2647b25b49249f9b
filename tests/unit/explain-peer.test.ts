import { describe, expect, test } from 'vitest';
import type { WaitingItem } from '../../shared/contract/status.ts';
import { reasonTexts as en } from '../../shared/domain/explain-peer.en.ts';
import { reasonTexts as ja } from '../../shared/domain/explain-peer.ja.ts';
import {
  changesBehind,
  changesShown,
  type Explained,
  explainPeer,
  type Reason,
  waitingFor,
} from '../../shared/domain/explain-peer.ts';
import { HEAD, peer } from '../support/statuses.ts';

const NOW = 1_795_420_800_000;
const behind = { inStep: false, waiting: 3, publishedSeq: HEAD - 3 };

const item = (extra: Partial<WaitingItem>): WaitingItem => ({
  id: 'www@osaka:a.html',
  site: 'www',
  peer: 'osaka',
  kind: 'failing',
  path: 'a.html',
  error: { code: 'file.disk-full', params: {} },
  since: NOW - 60_000,
  ...extra,
});

function explain(status: Parameters<typeof peer>[1], extra: Partial<Explained> = {}): Reason[] {
  const own = { lastSeenAt: NOW - 40_000, version: '0.1.0', ...status };
  return explainPeer({ peer: peer('osaka', own), headSeq: HEAD, waiting: [], version: '0.1.0', ...extra }, NOW);
}

const codes = (...of: Parameters<typeof explain>): string[] => explain(...of).map(({ code }) => code);

describe('why a mirror is behind', () => {
  test('in step there is no reason', () => {
    expect(codes({})).toEqual([]);
  });

  test('what comes by itself, and how long it takes where that is known', () => {
    expect(explain(behind)).toEqual([{ code: 'on-the-way', changes: 3 }]);
    expect(explain(behind, { remainingMillis: 90_000 })).toEqual([
      { code: 'on-the-way', changes: 3, remainingMillis: 90_000 },
    ]);
    expect(codes({ ...behind, conditions: { bytesPerSecond: 2e6 } })).toEqual(['limited', 'on-the-way']);
  });

  test('what came after a file that fails, and is visible, is not on the way', () => {
    const one = { inStep: false, waiting: 1, failing: 1, publishedSeq: HEAD - 84 };
    expect(codes(one, { waiting: [item({})] })).toEqual(['failing']);
    const stuck = peer('osaka', one);
    expect([changesBehind(stuck, HEAD), changesShown(stuck, HEAD)]).toEqual([1, HEAD - 1]);
    // What it has not heard of comes on top, also where it has gone away meanwhile.
    expect(changesBehind({ ...stuck, receivedSeq: HEAD - 10 }, HEAD)).toBe(11);
    expect(changesBehind({ ...stuck, receivedSeq: HEAD - 10, connected: false }, HEAD)).toBe(11);
    expect(changesShown(peer('osaka'), HEAD)).toBe(HEAD);
  });

  test('paused stands before all else, and nothing is on the way', () => {
    const paused = { by: 'here' as const, since: NOW - 1000 };
    expect(explain({ ...behind, paused })).toEqual([
      { code: 'paused-here', since: NOW - 1000, all: false, changes: 3 },
    ]);
    expect(codes({ ...behind, paused: { by: 'there', since: NOW }, connected: false })).toEqual([
      'paused-there',
      'away',
    ]);
    expect(explain({ inStep: false, paused })).toMatchObject([{ changes: 0 }]);
  });

  test('away: since when, why, and when it is dialled again', () => {
    const error = { code: 'link.timeout' as const, params: {} };
    expect(explain({ ...behind, connected: false, error, nextAttemptAt: NOW + 5000 })).toEqual([
      { code: 'away', lastSeenAt: NOW - 40_000, error, nextAttemptAt: NOW + 5000 },
      { code: 'when-back', changes: 3 },
    ]);
    const { lastSeenAt: _, ...never } = peer('osaka', { ...behind, connected: false });
    expect(explainPeer({ peer: never, headSeq: HEAD, waiting: [], version: '' }, NOW)[0]).toEqual({
      code: 'never-seen',
    });
  });

  test('an open link with which something is wrong is told of, also where all is in step', () => {
    const error = { code: 'link.replaced' as const, params: { from: '192.0.2.1, 192.0.2.2' } };
    expect(explain({ error })).toEqual([{ code: 'link', error }]);
    expect(codes({ ...behind, error })).toEqual(['link', 'on-the-way']);
  });

  test('hours: it waits for them, or they never come', () => {
    const night = { from: 22, to: 6 };
    expect(explain({ ...behind, conditions: { hours: [night], opensAt: NOW + 1 } })).toEqual([
      { code: 'outside-hours', hours: [night], opensAt: NOW + 1, changes: 3 },
    ]);
    expect(codes({ ...behind, conditions: { hours: [night], opensAt: NOW - 1 } })).toEqual(['on-the-way']);
    expect(codes({ ...behind, conditions: { hours: [night, { from: 8, to: 18 }] } })).toEqual(['never-open']);
    // Nothing is behind: nothing waits for the hours.
    expect(codes({ conditions: { hours: [night], opensAt: NOW + 1 } })).toEqual([]);
  });

  test('a release whose content is not being fetched waits for what keeps it from that, and not for nothing', () => {
    const night = { from: 22, to: 6 };
    const release = item({ kind: 'release', files: 3, error: { code: 'wait.content', params: { count: 3 } } });
    const group = item({ id: 'g', kind: 'group', error: { code: 'wait.group', params: {} } });
    const waiting = [release, group];
    const four = { inStep: false, waiting: 4, publishedSeq: HEAD - 4 };
    expect(codes(four, { waiting })).toEqual(['waits', 'waits']);
    const closed = explain({ ...four, conditions: { hours: [night], opensAt: NOW + 1 } }, { waiting });
    expect(closed).toEqual([
      { code: 'waits', item: group },
      { code: 'outside-hours', hours: [night], opensAt: NOW + 1, changes: 3 },
    ]);
    expect(codes({ ...four, conditions: { hours: [night, { from: 8, to: 18 }] } }, { waiting })).toEqual([
      'waits',
      'never-open',
    ]);
    expect(explain({ ...four, connected: false }, { waiting }).at(-1)).toEqual({ code: 'when-back', changes: 3 });
    expect(codes({ ...four, paused: { by: 'here', since: NOW } }, { waiting })).toEqual(['paused-here', 'waits']);
  });

  test('nothing is said to wait at one that is away where nothing is known to', () => {
    expect(codes({ inStep: false, connected: false })).toEqual(['away']);
  });

  test('what fails, waits for a person, or for what belongs to it, is told one by one; the rest as a number', () => {
    const failing = Array.from({ length: 7 }, (_, index) => item({ id: `${index}`, path: `${index}.html` }));
    const source = item({ id: 'source', error: { code: 'fetch.unreachable', params: {} } });
    delete source.path;
    const guard = item({ id: 'deletes', kind: 'delete-guard', error: { code: 'guard.held', params: { count: 40 } } });
    const group = item({ id: 'g', kind: 'group', files: 4, error: { code: 'wait.group', params: {} } });
    const told = explain(
      { ...behind, waiting: 70, failing: 9, held: 40 },
      { waiting: [group, ...failing, guard, source] },
    );
    expect(told.map(({ code }) => code)).toEqual([
      'source',
      'held',
      ...Array.from({ length: 5 }, () => 'failing'),
      'failing-more',
      'waits',
      'on-the-way',
    ]);
    expect(told.find(({ code }) => code === 'failing-more')).toEqual({ code: 'failing-more', changes: 4 });
    expect(told.at(-1)).toEqual({ code: 'on-the-way', changes: 70 - 9 - 40 - 4 });
    expect(codes({ ...behind, waiting: 5, held: 2 })).toEqual(['held-more', 'on-the-way']);
  });

  test('a folder that is not there holds all up: nothing is on the way, and no mirror is to blame', () => {
    const lost = item({ id: 'www:site', error: { code: 'site.root-missing', params: { root: '/srv/www' } } });
    delete lost.path;
    delete lost.peer;
    const watch = { ...lost, id: 'www:watch', error: { code: 'watch.interrupted' as const, params: {} } };
    const here = { role: 'master' as const, site: 'www', peer: 'osaka' };
    const own = item({ path: 'b.html' });
    expect(waitingFor([lost, watch, own, item({ peer: 'berlin' })], here)).toEqual([lost, own]);
    expect(waitingFor([lost, watch, own], { ...here, site: 'blog' })).toEqual([]);
    expect(waitingFor([lost, watch, own], { ...here, role: 'mirror', peer: 'tokyo' })).toEqual([lost, watch]);
    expect(codes({ inStep: false }, { waiting: [lost] })).toEqual(['source']);
  });

  test('another version and another clock are worth knowing', () => {
    expect(codes({ version: '0.2.0', clockAheadMillis: -4200 })).toEqual(['version', 'clock']);
    expect(codes({ clockAheadMillis: 900 })).toEqual([]);
  });

  test('every reason has a sentence in both languages, with all that it knows', () => {
    const words = {
      peer: 'osaka',
      place: 'app' as const,
      now: NOW,
      number: String,
      bytes: (value: number) => `${value} B`,
      duration: (millis: number) => `${millis} ms`,
      ago: () => '40 s ago',
      clock: () => '14:02',
    };
    const hours = [{ from: 22, to: 6 }];
    const waits = item({ kind: 'group', until: NOW + 5, files: 3, error: { code: 'wait.group', params: {} } });
    const all: Reason[] = [
      { code: 'paused-here', since: NOW, all: false, changes: 3 },
      { code: 'paused-here', since: NOW, all: true, changes: 0 },
      { code: 'paused-there', since: NOW, changes: 3 },
      { code: 'away', lastSeenAt: NOW, nextAttemptAt: NOW + 7 },
      { code: 'never-seen' },
      { code: 'link', error: { code: 'link.replaced', params: { from: '192.0.2.1' } } },
      { code: 'source', item: item({ nextAttemptAt: NOW + 7 }) },
      { code: 'held', item: item({ kind: 'delete-guard', error: { code: 'guard.held', params: {} } }) },
      { code: 'held-more', changes: 3 },
      { code: 'failing', item: item({}) },
      { code: 'failing-more', changes: 3 },
      { code: 'waits', item: waits },
      { code: 'outside-hours', hours, opensAt: NOW, changes: 3 },
      { code: 'never-open', hours },
      { code: 'limited', bytesPerSecond: 5 },
      { code: 'on-the-way', changes: 3, remainingMillis: 7 },
      { code: 'when-back', changes: 3 },
      { code: 'version', theirs: '0.2.0', ours: '0.1.0' },
      { code: 'clock', aheadMillis: -7 },
    ];
    for (const role of ['master', 'mirror'] as const)
      for (const reason of all)
        for (const texts of [en, ja]) {
          expect(texts.sentence(reason, { ...words, role })).toMatch(/[.。]$/);
          expect(texts.short(reason, { ...words, role })).toMatch(/\S/);
        }
    const [, , , away] = all;
    expect(away && en.sentence(away, { ...words, role: 'master' })).toBe(
      'osaka last answered 40 s ago. Next try in 7 ms.',
    );
    expect(en.sentence({ code: 'failing', item: item({}) }, { ...words, role: 'master' })).toBe(
      'a.html: There is no space left for this file. Free some space; it continues by itself. Then try it again.',
    );
  });
});
