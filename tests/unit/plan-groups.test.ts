import { expect, test } from 'vitest';
import { batch, file, folder, gone, nothingWaits, planned } from '../support/plan-input.ts';

const [LATE, DELETED] = [600_000, 60_000];

test('a release is published at once: folders, targets, pages, deletes; what is in the way of a file first', () => {
  const release = { release: 9 };
  const bound = [
    gone('old', release),
    gone('old/deep', release),
    file('new/page', { ...release, refs: ['new/deep/a'] }),
    folder('new/deep', release),
    folder('new', release),
    file('new/deep/a', release),
    gone('was-folder/x', release),
    file('was-folder', release),
  ];
  const paths = ['was-folder/x', 'new', 'new/deep', 'new/deep/a', 'new/page', 'was-folder', 'old/deep', 'old'];
  expect(planned({ bound })).toEqual({ batches: [batch(paths)], ...nothingWaits });
});

test('a release waits until all of it has been notified, for its content, and for the word, without limit', () => {
  const bound = [file('a', { release: 9, stage: 'failed' }), file('b', { release: 9, since: 3 })];
  const wait = { id: 'release:9', kind: 'release', paths: ['a', 'b'], since: 0, until: null };
  const content = { kind: 'content', path: 'a' };
  const waits = (complete: boolean, go: boolean) => planned({ bound, now: 1e9, releases: { 9: { complete, go } } });
  expect(waits(false, false)).toEqual({
    batches: [],
    waits: [{ ...wait, reasons: [{ kind: 'release', release: 9 }, content] }],
    next: null,
  });
  expect(waits(true, false).waits).toEqual([{ ...wait, reasons: [{ kind: 'word', release: 9 }, content] }]);
  expect(waits(true, true).waits).toEqual([{ ...wait, reasons: [content] }]);
});

test('a delete of a release waits for pages of the release only', () => {
  const published = { page: { seq: 1, refs: ['old'] }, old: { seq: 2 } };
  expect(planned({ bound: [gone('old', { release: 9 })], published }).batches).toEqual([batch(['old'])]);
});

test('rule all: every member has been notified, then they appear together', () => {
  const groups = [{ name: 'g', members: ['a', 'b', 'c/*'], rule: 'all', limit: 100 }] as const;
  const bound = [file('a'), file('c/1', { since: 10, stage: 'coming' })];
  const rounds = { g: { began: 0, changedAt: 10, noted: ['a', 'c/*'] } };
  expect(planned({ groups, bound, rounds, now: 20 })).toEqual({
    batches: [],
    waits: [
      {
        id: 'group:g',
        kind: 'group',
        paths: ['a', 'c/1'],
        reasons: [
          { kind: 'group', group: 'g', missing: ['b'] },
          { kind: 'content', path: 'c/1' },
        ],
        since: 0,
        until: 100,
      },
    ],
    next: 100,
  });
  const [a, c] = bound;
  if (!a || !c) throw new Error('two are given');
  const all = { g: { began: 0, changedAt: 30, noted: ['a', 'b', 'c/*'] } };
  const given = { groups, bound: [a, { ...c, stage: 'ready' }, gone('b')], rounds: all, now: 30 } as const;
  expect(planned(given).batches).toEqual([batch(['a', 'c/1', 'b'], { groups: ['g'] })]);
});

test('without a round the members that are pending are one, from when the first was overtaken', () => {
  const groups = [{ name: 'g', members: ['a', 'b'], rule: 'all', limit: 100 }] as const;
  const bound = [file('a', { since: 7 }), file('b', { since: 50, stage: 'coming' })];
  expect(planned({ groups, bound, now: 60 }).waits).toMatchObject([
    { paths: ['a', 'b'], reasons: [{ kind: 'content', path: 'b' }], until: 107 },
  ]);
});

test('a member that the mirror is never told of is not waited for', () => {
  const groups = [{ name: 'g', members: ['a', 'b'], rule: 'all' }] as const;
  expect(planned({ groups, bound: [file('a')], refused: ['b'] }).batches).toEqual([batch(['a'], { groups: ['g'] })]);
});

test('after the limit what is ready of a group appears together, targets first; the rest as it comes', () => {
  const groups = [{ name: 'g', members: ['*'], rule: 'settle', settle: 1000, limit: 100 }] as const;
  const page = file('page', { refs: ['style', 'late', 'failed'] });
  const bound = [
    page,
    file('style'),
    file('late', { stage: 'coming' }),
    file('failed', { stage: 'failed' }),
    gone('old'),
  ];
  const given = { groups, bound, rounds: { g: { began: 0, changedAt: 90, noted: ['*'] } } };
  expect(planned({ ...given, now: 99 }).waits.map(({ until }) => until)).toEqual([100]);
  expect(planned({ ...given, now: 100 })).toEqual({
    batches: [batch(['style', 'page'], { groups: ['g'] }), batch(['old'], { groups: ['g'] })],
    ...nothingWaits,
  });
  // Its round is over for what was left behind, though a new one has begun.
  const late = { ...file('late'), changedAt: 0 };
  const next = { g: { began: 110, changedAt: 110, noted: ['*'] } };
  const left = planned({ groups, bound: [late, file('style', { since: 110 })], rounds: next, now: 120 });
  expect(left.batches).toEqual([batch(['late'])]);
  expect(left.waits.map(({ id, paths }) => [id, paths])).toEqual([['group:g', ['style']]]);
});

test('after the limit a person is asked, if the group says so', () => {
  const groups = [{ name: 'g', members: ['a', 'b'], rule: 'all', limit: 100, atLimit: 'hold' }] as const;
  const given = { groups, bound: [file('a')], rounds: { g: { began: 0, changedAt: 0, noted: ['a'] } } };
  const wait = { id: 'group:g', kind: 'group', paths: ['a'], since: 0, until: null };
  const reason = { group: 'g', missing: ['b'] };
  expect(planned({ ...given, now: 99 })).toEqual({
    batches: [],
    waits: [{ ...wait, reasons: [{ kind: 'group', ...reason }] }],
    next: 100,
  });
  expect(planned({ ...given, now: 100 })).toEqual({
    batches: [],
    waits: [{ ...wait, reasons: [{ kind: 'held', ...reason }] }],
    next: null,
  });
});

test('rule settle: once nothing has changed for a while; what settles after the limit is held', () => {
  const settle = { name: 'g', members: ['*'], rule: 'settle', settle: 50 } as const;
  const given = { bound: [file('a')], rounds: { g: { began: 0, changedAt: 80, noted: ['*'] } } };
  expect(planned({ ...given, groups: [settle], now: 129 })).toMatchObject({
    batches: [],
    waits: [{ reasons: [{ kind: 'settling', group: 'g' }], until: 130 }],
    next: 130,
  });
  expect(planned({ ...given, groups: [settle], now: 130 }).batches).toEqual([batch(['a'], { groups: ['g'] })]);
  const hold = { ...settle, limit: 100, atLimit: 'hold' } as const;
  expect(planned({ ...given, groups: [hold], now: 99 })).toMatchObject({ waits: [{ until: null }], next: 100 });
  expect(planned({ ...given, groups: [hold], now: 200 }).waits).toMatchObject([{ reasons: [{ kind: 'held' }] }]);
});

test('rule release: what is committed goes together, without what is not', () => {
  const groups = [{ name: 'g', members: ['*'], rule: 'release', committed: 50 }] as const;
  const bound = [
    file('a', { seq: 49 }),
    file('b', { seq: 51 }),
    file('c', { seq: 60, release: 61 }),
    file('d', { seq: 50 }),
  ];
  expect(planned({ groups, bound })).toEqual({
    batches: [batch(['a', 'd', 'c'], { groups: ['g'] })],
    waits: [
      {
        id: 'group:g',
        kind: 'group',
        paths: ['b'],
        reasons: [{ kind: 'commit', group: 'g' }],
        since: 0,
        until: null,
      },
    ],
    next: null,
  });
});

test('groups that share members, or link to each other, are published together', () => {
  const rule = 'all';
  const overlapping = [
    { name: 'g', members: ['a', 'b'], rule },
    { name: 'h', members: ['b', 'c'], rule },
  ] as const;
  const bound = [file('a'), file('b'), file('c')];
  expect(planned({ groups: overlapping, bound }).batches).toEqual([batch(['a', 'b', 'c'], { groups: ['g', 'h'] })]);
  const linked = [
    { name: 'g', members: ['a', 'b'], rule },
    { name: 'h', members: ['c', 'd'], rule },
  ] as const;
  const circle = [file('a', { refs: ['c'] }), file('b'), file('c'), file('d', { refs: ['b'] })];
  expect(planned({ groups: linked, bound: circle }).batches).toEqual([
    batch(['c', 'a', 'b', 'd'], { groups: ['g', 'h'] }),
  ]);
});

test('a limit does not tie what it publishes to a group that still waits', () => {
  const groups = [
    { name: 'g', members: ['a', 'b'], rule: 'settle', settle: 1000, limit: 100 },
    { name: 'h', members: ['b', 'c'], rule: 'all' },
  ] as const;
  const { batches, waits } = planned({ groups, bound: [file('a'), file('b')], now: 100 });
  expect(batches).toEqual([batch(['a'], { groups: ['g'] })]);
  expect(waits).toMatchObject([{ id: 'group:h', paths: ['b'], until: null }]);
});

test('a page waits for the content of a target, not for its group, which may leave it behind', () => {
  const groups = [{ name: 'g', members: ['a', 'b'], rule: 'all', limit: 100 }] as const;
  const bound = [file('page', { refs: ['a'] }), file('a', { stage: 'coming' }), file('b')];
  expect(planned({ groups, bound }).waits.map(({ id, until }) => [id, until])).toEqual([
    ['page', LATE],
    ['group:g', 100],
  ]);
});

test('a release that is in a group does not wait with it only, but for the content of its targets', () => {
  const groups = [{ name: 'g', members: ['a', 'd'], rule: 'all', limit: 100 }] as const;
  const bound = [file('a', { release: 9 }), file('b', { release: 9, refs: ['d'] }), file('d', { stage: 'coming' })];
  const given = { groups, bound };
  expect(planned(given).waits).toMatchObject([{ id: 'release:9', paths: ['a', 'b', 'd'], until: LATE }]);
  expect(planned({ ...given, now: 100 }).waits).toMatchObject([{ id: 'release:9', paths: ['a', 'b'], until: LATE }]);
  expect(planned({ ...given, now: LATE }).batches.map(({ paths }) => paths)).toEqual([['a', 'b']]);
});

test('a delete in the group of a page does not ask whether the page links to it', () => {
  const groups = [{ name: 'g', members: ['page', 'old'], rule: 'all' }] as const;
  const published = { page: { seq: 1, refs: ['old'] }, old: { seq: 2 } };
  const bound = [gone('old'), file('page', { refs: ['old'] })];
  const given = { groups, bound, published, links: { missing: 0 } };
  expect(planned(given).batches.map(({ paths }) => paths)).toEqual([['page', 'old']]);
});

test('a limit does not tie what was committed to what was not', () => {
  const groups = [{ name: 'g', members: ['*'], rule: 'release', limit: 100, committed: 50 }] as const;
  const bound = [
    file('a', { seq: 50, refs: ['b/late'] }),
    file('b/late', { seq: 51, stage: 'coming' }),
    file('c', { seq: 52 }),
  ];
  const { batches, waits } = planned({ groups, bound, now: 100 });
  expect(batches).toEqual([batch(['c'], { groups: ['g'] })]);
  expect(waits).toMatchObject([{ paths: ['a'], until: LATE }]);
});

test('a limit that leaves a page behind leaves what it links to', () => {
  const groups = [{ name: 'g', members: ['page', 'old'], rule: 'all', limit: 100 }] as const;
  const published = { page: { seq: 1, refs: ['old'] }, old: { seq: 2 } };
  const bound = [gone('old'), file('page', { stage: 'coming' })];
  const wait = {
    id: 'old',
    kind: 'link',
    paths: ['old'],
    reasons: [{ kind: 'linked', path: 'old', page: 'page' }],
    since: 0,
    until: DELETED,
  };
  expect(planned({ groups, bound, published, now: 100 })).toEqual({ batches: [], waits: [wait], next: DELETED });
});

test('two parts of a group that wait for different reasons have different names', () => {
  const groups = [{ name: 'g', members: ['*'], rule: 'release', committed: 50 }] as const;
  const bound = [file('a', { seq: 49 }), file('b', { seq: 50, stage: 'coming' }), file('c', { seq: 51 })];
  expect(planned({ groups, bound }).waits.map(({ id, paths }) => [id, paths])).toEqual([
    ['group:g', ['a', 'b']],
    ['c', ['c']],
  ]);
});
