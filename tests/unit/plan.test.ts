import { expect, test } from 'vitest';
import { batch, file, gone, nothingWaits, planned } from '../support/plan-input.ts';

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

test('a page of which not all is known that was changed before it waits for what is there, but not for ever', () => {
  const given = { bound: [file('page', { refs: ['a'], seq: 8 })], published: { a: { seq: 1 } } };
  const { waits, next } = planned({ ...given, knownTo: 7 });
  expect(waits).toMatchObject([{ paths: ['page'], reasons: [{ kind: 'target', page: 'page', target: 'a' }] }]);
  expect(next).not.toBeNull();
  for (const known of [{ knownTo: 8 }, { knownTo: 7, now: next ?? 0 }])
    expect(planned({ ...given, ...known })).toEqual({ batches: [batch(['page'])], ...nothingWaits });
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

test('what is left of a release comes after what goes first of it, to make room for a name on a disk that folds case', () => {
  const [of, given] = [{ release: 7 }, { releases: { 7: { complete: true, go: true } } }];
  const left = [file('Page', of), file('other', of)];
  const goes = (stage: 'coming' | 'ready') => gone('page', { ...of, stage, forced: true });
  expect(planned({ ...given, bound: [...left, goes('ready')] }).batches).toMatchObject([
    { paths: ['page'] },
    { paths: ['Page', 'other'] },
  ]);
  const { batches, waits } = planned({ ...given, bound: [...left, goes('coming')] });
  expect(batches).toEqual([]);
  expect(waits).toMatchObject([{ id: 'release:7', reasons: [{ kind: 'target', page: 'Page', target: 'page' }] }]);
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
