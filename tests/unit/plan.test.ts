import { expect, test } from 'vitest';
import { plan } from '../../electron/engine/core/plan.ts';
import { file, folder, gone, type Given, planInput } from '../support/plan-input.ts';

const planned = (given: Given) => plan(planInput(given));
const batch = (paths: readonly string[], more: object = {}) => ({ paths, groups: [], missing: [], ...more });
const nothingWaits = { waits: [], next: null };
const [LATE, MISSING, DELETED] = [600_000, 10_000, 60_000];

test('targets go before the pages that link to them, each in its own batch', () => {
  const bound = [
    file('index.html', { refs: ['a.css', 'b/'] }),
    file('b/index.html', { refs: ['a.css'] }),
    file('a.css'),
  ];
  expect(planned({ bound })).toEqual({
    batches: [batch(['a.css']), batch(['b/index.html']), batch(['index.html'])],
    ...nothingWaits,
  });
});

test('pages that link to each other go at once, in the order of the journal', () => {
  const bound = [file('c', { refs: ['a', 'd'] }), file('b', { refs: ['c'] }), file('a', { refs: ['b'] }), file('d')];
  expect(planned({ bound })).toEqual({ batches: [batch(['d']), batch(['c', 'b', 'a'])], ...nothingWaits });
});

test('a page waits for a target that is on its way, until it is late; the target does not wait', () => {
  const bound = [file('page', { since: 5, refs: ['a'] }), file('a', { stage: 'coming' })];
  const wait = {
    id: 'page',
    kind: 'link',
    paths: ['page'],
    reasons: [{ kind: 'target', page: 'page', target: 'a' }],
    since: 5,
    until: 5 + LATE,
  };
  expect(planned({ bound, now: 4 + LATE })).toEqual({ batches: [], waits: [wait], next: 5 + LATE });
  expect(planned({ bound, now: 5 + LATE })).toEqual({ batches: [batch(['page'])], ...nothingWaits });
});

test('a page waits no longer than what it waits for', () => {
  const group = { name: 'g', members: ['a', 'b'], rule: 'settle', settle: 50 } as const;
  const { waits, next } = planned({ groups: [group], bound: [file('page', { refs: ['a'] }), file('a')] });
  expect(waits.map(({ id, until }) => [id, until])).toEqual([
    ['page', 50],
    ['group:g', 50],
  ]);
  expect(next).toBe(50);
});

test('a target that is published by others is waited for; one that failed is there as it was', () => {
  const bound = [file('page', { refs: ['a'] })];
  const coming = planned({ bound, others: [file('a')] });
  expect(coming.waits.map(({ reasons }) => reasons)).toEqual([[{ kind: 'target', page: 'page', target: 'a' }]]);
  const failed = { bound, others: [file('a', { stage: 'failed' })] };
  expect(planned({ ...failed, published: { a: { seq: 0 } } }).batches).toEqual([batch(['page'])]);
  expect(planned(failed).waits.map(({ reasons }) => reasons)).toEqual([
    [{ kind: 'missing', page: 'page', target: 'a' }],
  ]);
});

test('a target that is nowhere is waited for up to its limit, and then marked', () => {
  const bound = [file('page', { refs: ['a', 'b/', 'here'] })];
  const published = { here: { seq: 1 } };
  expect(planned({ bound, published, now: MISSING - 1 })).toEqual({
    batches: [],
    waits: [
      {
        id: 'page',
        kind: 'link',
        paths: ['page'],
        reasons: [
          { kind: 'missing', page: 'page', target: 'a' },
          { kind: 'missing', page: 'page', target: 'b/' },
        ],
        since: 0,
        until: MISSING,
      },
    ],
    next: MISSING,
  });
  const missing = [
    { page: 'page', target: 'a' },
    { page: 'page', target: 'b/' },
  ];
  expect(planned({ bound, published, now: MISSING })).toEqual({
    batches: [batch(['page'], { missing })],
    ...nothingWaits,
  });
});

test('what is missing is waited for from when all that the master has is known', () => {
  const { batches, next } = planned({
    bound: [file('page', { refs: ['a'] })],
    now: 5 + MISSING,
    currentSince: MISSING,
  });
  expect({ batches, next }).toEqual({ batches: [], next: 2 * MISSING });
});

test('nobody waits for what was missing before, never comes, or was left out of a release; the first two are told apart', () => {
  const page = file('page', { refs: ['a'] });
  const marked = [batch(['page'], { missing: [{ page: 'page', target: 'a' }] })];
  expect(planned({ bound: [page], published: { page: { seq: 1, refs: ['a'] } } }).batches).toEqual(marked);
  expect(planned({ bound: [{ ...page, release: 9 }] }).batches).toEqual(marked);
  expect(planned({ bound: [page], refused: ['a', 'a/index.html', 'a/index.htm'] }).batches).toEqual([batch(['page'])]);
});

test('with `wait` off links hold nothing, and deletes neither', () => {
  const bound = [file('page', { refs: ['a', 'b'] }), file('a', { stage: 'coming' }), gone('c')];
  const published = { other: { seq: 1, refs: ['c'] }, c: { seq: 2 } };
  expect(planned({ bound, published, links: { wait: false } })).toEqual({
    batches: [batch(['page']), batch(['c'])],
    ...nothingWaits,
  });
});

test('as long as nothing can be fetched nobody loses patience with what is on its way', () => {
  const published = { page: { seq: 1, refs: ['old'] }, old: { seq: 2 } };
  const bound = [
    gone('old'),
    file('page', { refs: [], stage: 'coming' }),
    file('other', { refs: ['late'] }),
    file('late', { stage: 'coming' }),
  ];
  const at = (fetchingSince: number) => planned({ bound, published, fetchingSince, now: 10 * LATE });
  expect(at(Infinity)).toMatchObject({ batches: [], next: null });
  expect(at(10 * LATE)).toMatchObject({ batches: [], next: 10 * LATE + DELETED });
  expect(
    at(0)
      .batches.flatMap(({ paths }) => paths)
      .toSorted(),
  ).toEqual(['old', 'other']);
});

test('a file stays under its old name until it is shown under the new one, however long that waits', () => {
  const published = { old: { seq: 1 } };
  const moved = { old: ['new'] };
  const group = { name: 'g', members: ['new', 'other'], rule: 'all' as const };
  const bound = [gone('old', { seq: 7 }), file('new', { seq: 7 })];
  const { batches, waits, next } = planned({ bound, published, moved, groups: [group], now: 10 * LATE });
  expect(batches).toEqual([]);
  expect(waits).toMatchObject([
    { id: 'group:g', paths: ['new'], until: null },
    { id: 'old', reasons: [{ kind: 'moved', path: 'old', target: 'new' }], until: null },
  ]);
  expect(next).toBe(null);
  expect(planned({ bound, published, moved }).batches).toEqual([batch(['new']), batch(['old'])]);
});

test('a file that was uploaded anew under another name before it was deleted stays as long as a page would wait', () => {
  const published = { old: { seq: 1 } };
  const group = { name: 'g', members: ['new', 'other'], rule: 'all' as const };
  const bound = [file('new', { seq: 7 }), gone('old', { seq: 8 })];
  const given = { bound, published, moved: { old: ['new'] }, groups: [group] };
  expect(planned(given)).toMatchObject({ batches: [], next: LATE });
  expect(planned({ ...given, now: LATE }).batches).toEqual([batch(['old'])]);
});

test('a delete does not wait for a content that failed, belongs to another release, or goes into the place of what it is in', () => {
  const published = { old: { seq: 1 }, 'a/b': { seq: 2 } };
  const moved = { old: ['new'], 'a/b': ['a'] };
  const failed = [gone('old', { seq: 7 }), file('new', { seq: 7, stage: 'failed' })];
  expect(planned({ bound: failed, published, moved }).batches).toEqual([batch(['old'])]);
  const other = [gone('old', { seq: 7 }), file('new', { seq: 7, release: 9 })];
  const releases = { 9: { complete: true, go: false } };
  expect(planned({ bound: other, published, moved, releases }).batches).toEqual([batch(['old'])]);
  const inTheWay = [gone('a/b', { seq: 7 }), file('a', { seq: 7 })];
  expect(planned({ bound: inTheWay, published, moved }).batches).toEqual([batch(['a/b', 'a'])]);
});

test('a delete goes after the page that linked to it has been replaced', () => {
  const published = { page: { seq: 1, refs: ['old'] }, old: { seq: 2 } };
  expect(planned({ bound: [gone('old'), file('page', { refs: [] })], published })).toEqual({
    batches: [batch(['page']), batch(['old'])],
    ...nothingWaits,
  });
});

test('a delete waits while a page links to it, or will again', () => {
  const published = { page: { seq: 1, refs: ['old'] }, old: { seq: 2 } };
  const wait = {
    id: 'old',
    kind: 'link',
    paths: ['old'],
    reasons: [{ kind: 'linked', path: 'old', page: 'page' }],
    since: 0,
    until: DELETED,
  };
  expect(planned({ bound: [gone('old')], published })).toEqual({ batches: [], waits: [wait], next: DELETED });
  const again = { bound: [gone('old'), file('page', { refs: ['old'] })], published };
  expect(planned(again)).toEqual({
    batches: [batch(['page'], { missing: [{ page: 'page', target: 'old' }] })],
    waits: [wait],
    next: DELETED,
  });
  expect(planned({ ...again, now: DELETED }).batches.map(({ paths }) => paths)).toEqual([['page'], ['old']]);
});

test('pages that are deleted and linked to each other go at once', () => {
  const published = { a: { seq: 1, refs: ['b'] }, b: { seq: 2, refs: ['a'] } };
  expect(planned({ bound: [gone('a'), gone('b')], published }).batches).toEqual([batch(['a', 'b'])]);
});

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

test('in a circle the others wait for one that fails until they are late', () => {
  const bound = [file('a', { refs: ['b'] }), file('b', { refs: ['a'], stage: 'failed' })];
  const wait = {
    id: 'a',
    kind: 'link',
    paths: ['a', 'b'],
    reasons: [{ kind: 'content', path: 'b' }],
    since: 0,
    until: LATE,
  };
  expect(planned({ bound })).toEqual({ batches: [], waits: [wait], next: LATE });
  expect(planned({ bound, now: LATE })).toEqual({ batches: [batch(['a'])], ...nothingWaits });
});

test('a set link: both must have changed', () => {
  const links = { set: [{ glob: '*.html', target: 'data.json' }] };
  const bound = [file('a.html')];
  const published = { 'data.json': { seq: 4 } };
  const given = { bound, links, published };
  const wait = {
    id: 'a.html',
    kind: 'link',
    paths: ['a.html'],
    reasons: [{ kind: 'set-link', page: 'a.html', target: 'data.json' }],
    since: 0,
    until: MISSING,
  };
  expect(planned(given)).toEqual({ batches: [], waits: [wait], next: MISSING });
  expect(planned({ ...given, now: MISSING }).batches).toEqual([batch(['a.html'])]);
  expect(planned({ ...given, refused: ['data.json'] }).batches).toEqual([batch(['a.html'])]);
  expect(planned({ ...given, published: { ...published, 'a.html': { seq: 5 } } }).waits).toEqual([wait]);
  expect(planned({ ...given, published: {} }).waits).toEqual([wait]);
  // The target changed a while before the page, shortly before it, after it.
  const late = [file('a.html', { since: 2 * MISSING })];
  const after = (changed: number) =>
    planned({ ...given, bound: late, now: 2 * MISSING, changed: { 'data.json': changed } }).batches;
  expect(after(MISSING - 1)).toEqual([]);
  expect(after(MISSING)).toEqual([batch(['a.html'])]);
  expect(after(2 * MISSING + 5)).toEqual([batch(['a.html'])]);
  expect(planned({ ...given, bound: [...bound, file('data.json')] }).batches).toEqual([
    batch(['data.json']),
    batch(['a.html']),
  ]);
});

test('what a person forces waits for nothing but its content, and leaves the others waiting', () => {
  const groups = [{ name: 'g', members: ['a', 'b', 'c', 'd'], rule: 'all' }] as const;
  const forced = { forced: true };
  const bound = [file('a', { ...forced, refs: ['nowhere'] }), file('b', forced), file('c')];
  const one = planned({ groups, bound });
  expect(one.batches).toEqual([batch(['a', 'b'], { missing: [{ page: 'a', target: 'nowhere' }] })]);
  expect(one.waits).toMatchObject([{ id: 'group:g', paths: ['c'] }]);
  const all = planned({ groups, bound: bound.slice(0, 2) });
  expect(all.batches).toMatchObject([{ paths: ['a', 'b'], groups: ['g'] }]);
  const content = planned({ groups, bound: [file('a', forced), file('b', { ...forced, stage: 'coming' })] });
  expect(content.waits).toMatchObject([{ id: 'group:g', reasons: [{ kind: 'content', path: 'b' }], until: null }]);
});

test('two parts of a group that wait for different reasons have different names', () => {
  const groups = [{ name: 'g', members: ['*'], rule: 'release', committed: 50 }] as const;
  const bound = [file('a', { seq: 49 }), file('b', { seq: 50, stage: 'coming' }), file('c', { seq: 51 })];
  expect(planned({ groups, bound }).waits.map(({ id, paths }) => [id, paths])).toEqual([
    ['group:g', ['a', 'b']],
    ['c', ['c']],
  ]);
});

test('of many reasons the most telling are told', () => {
  const refs = Array.from({ length: 100 }, (_, index) => `target-${index}`);
  const targets = refs.slice(50).map((name) => file(name, { stage: 'coming' }));
  const [wait] = planned({ bound: [file('page', { refs }), ...targets] }).waits;
  expect(wait?.reasons.map(({ kind }) => kind)).toEqual(Array.from({ length: 20 }, () => 'missing'));
});

test('a chain of 50,000 pages, and a circle of them', () => {
  const chain = Array.from({ length: 50_000 }, (_, index) => file(`page-${index}`, { refs: [`page-${index + 1}`] }));
  const published = { 'page-50000': { seq: 0 } };
  expect(planned({ bound: chain, published }).batches.map(({ paths }) => paths)).toEqual(
    chain.map(({ path }) => [path]).toReversed(),
  );
  const circle = [...chain, file('page-50000', { refs: ['page-0'] })];
  expect(planned({ bound: circle }).batches.map(({ paths }) => paths.length)).toEqual([50_001]);
});
