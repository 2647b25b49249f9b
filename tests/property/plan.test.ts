import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plan } from '../../electron/engine/core/plan.ts';
import type { Pending, Plan } from '../../electron/engine/core/planning.ts';
import { file, folder, gone, type Given, planInput } from '../support/plan-input.ts';
import { needs, published, unitOf } from '../support/plan-model.ts';

const PATHS = ['a.html', 'b.html', 'c.html', 'd.css', 'e.css', 'f/index.html', 'f/g.css'] as const;
const REFERENCES = [...PATHS, 'f/', 'f'];
const LIMITS = { missing: 10, late: 60, deleted: 30 };

const time = fc.nat(40);
const references = fc.uniqueArray(fc.constantFrom(...REFERENCES), { maxLength: 3 });

const pending = (name: string, seq: number): fc.Arbitrary<Pending> =>
  fc
    .record({
      kind: fc.constantFrom(file, file, file, file, gone, folder),
      since: time,
      later: time,
      stage: fc.constantFrom('ready', 'ready', 'ready', 'coming', 'failed'),
      refs: references,
      release: fc.constantFrom(null, null, null, 90, 91),
      forced: fc.nat(8).map((one) => one === 0),
    })
    .map(({ kind, later, refs, ...rest }) =>
      kind(name, { ...rest, seq, changedAt: rest.since + later, refs: kind === file ? refs : [] }),
    );

const group = (name: string) =>
  fc.record({
    name: fc.constant(name),
    members: fc.uniqueArray(fc.constantFrom(...PATHS, '*.html', '**/*.css', 'nothing/*.png'), {
      minLength: 1,
      maxLength: 3,
    }),
    rule: fc.constantFrom('all', 'settle', 'release'),
    settle: fc.constantFrom(0, 5, 30),
    limit: fc.constantFrom(null, 15, 50),
    atLimit: fc.constantFrom('publish', 'hold'),
    committed: fc.constantFrom(0, 103, 105),
  });

const round = fc.option(
  fc.record({
    began: time,
    changedAt: time,
    noted: fc.subarray<string>([...PATHS, '*.html', '**/*.css', 'nothing/*.png']),
  }),
  { nil: undefined },
);

const progress = fc.constantFrom(
  { complete: true, go: true },
  { complete: true, go: false },
  { complete: false, go: false },
);

const given: fc.Arbitrary<Given> = fc
  .record({
    now: fc.nat(90),
    currentSince: fc.constantFrom(0, 0, 45),
    knownTo: fc.constantFrom(Infinity, Infinity, 102),
    changes: fc
      .shuffledSubarray([...PATHS])
      .chain((names) => fc.tuple(...names.map((name, at) => pending(name, 100 + at)))),
    unbound: fc.nat(3),
    groups: fc.tuple(group('g'), group('h')).chain((both) => fc.subarray(both)),
    set: fc.subarray([
      { glob: '*.html', target: 'd.css' },
      { glob: 'a.html', target: 'b.html' },
    ]),
    wait: fc.constantFrom(true, true, true, false),
    published: fc.dictionary(fc.constantFrom(...PATHS), fc.record({ seq: fc.nat(99), refs: references })),
    refused: fc.subarray([...PATHS], { maxLength: 1 }),
    changed: fc.dictionary(fc.constantFrom('d.css', 'b.html'), time),
    rounds: fc.record({ g: round, h: round }),
    releases: fc.record({ 90: progress, 91: progress }),
  })
  .map(({ changes, unbound, set, wait, rounds, ...rest }) => ({
    ...rest,
    bound: changes.slice(unbound),
    others: changes.slice(0, unbound).map((change) => ({ ...change, release: null, forced: false })),
    links: { wait, set, ...LIMITS },
    rounds: Object.fromEntries(Object.entries(rounds).flatMap(([name, one]) => (one ? [[name, one]] : []))),
  }));

const check = (property: (input: Given) => void) => fc.assert(fc.property(given, property), { numRuns: 2000 });
const shown = ({ batches }: Plan) => batches.flatMap(({ paths }) => paths);

test('what is published is what breaks no rule', () => {
  check((one) => {
    const input = planInput(one);
    const model = [...published(input)].map(({ path }) => path);
    expect(shown(plan(input)).toSorted()).toEqual(model.toSorted());
  });
});

test('needs come first, circles and units together', () => {
  check((one) => {
    const input = planInput(one);
    const { batches } = plan(input);
    const batchOf = new Map(batches.flatMap(({ paths }, index) => paths.map((path) => [path, index])));
    for (const change of input.bound) {
      const batch = batchOf.get(change.path);
      for (const other of unitOf(change, input)) expect(batchOf.get(other.path)).toBe(batch);
      if (batch === undefined) continue;
      for (const [other] of needs(change, input)) {
        const earlier = batchOf.get(other.path);
        if (earlier === undefined) continue;
        expect(earlier).toBeLessThanOrEqual(batch);
        const order = batches[batch]?.paths ?? [];
        const circle = reaches(other, change, input.bound, (each) => needs(each, input).map(([to]) => to));
        if (earlier === batch && change.kind === other.kind && change.kind === 'file' && !circle) {
          expect(order.indexOf(other.path)).toBeLessThan(order.indexOf(change.path));
        }
      }
    }
  });
});

test('in a batch folders come first and deletes last, but for those that make room for the rest of their release', () => {
  check((one) => {
    const input = planInput(one);
    const makeRoom = new Set(
      input.bound
        .filter(({ kind, forced, release }) => kind === 'gone' && forced && release !== null)
        .map(({ path }) => path),
    );
    const kinds = new Map(input.bound.map(({ path, kind }) => [path, { dir: 0, file: 1, gone: 2 }[kind]]));
    for (const { paths } of plan(input).batches) {
      const order = paths.filter((path) => !makeRoom.has(path)).map((path) => kinds.get(path) ?? -1);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }
  });
});

test('every change is published, or waits once, or comes by itself', () => {
  check((one) => {
    const { batches, waits } = plan(planInput(one));
    const told = [...batches, ...waits].flatMap(({ paths }) => paths);
    expect(new Set(told).size).toBe(told.length);
    const silent = one.bound.filter(({ path }) => !told.includes(path));
    expect(silent.filter(({ stage }) => stage === 'ready')).toEqual([]);
    for (const wait of waits) expect(wait.reasons).not.toEqual([]);
    expect(new Set(waits.map(({ id }) => id)).size).toBe(waits.length);
  });
});

test('nothing waits longer than it says, and what has no limit waits for something', () => {
  check((any) => {
    // Where groups share members the limit of one takes a wait apart, and what is left of it may wait longer.
    const one = { ...any, groups: any.groups?.slice(0, 1) ?? [] };
    const { waits } = plan(planInput(one));
    // Deletes of a group are left to themselves at its limit, and may then wait for pages.
    const ready = new Set<string>(
      one.bound.filter(({ stage, kind }) => stage === 'ready' && kind !== 'gone').map(({ path }) => path),
    );
    const after = (now: number) => new Set<string>(shown(plan(planInput({ ...one, now }))));
    const [atLast, now] = [after(1e9), one.now ?? 0];
    for (const { paths, until } of waits) {
      if (until === null) {
        expect(paths.some((path) => !atLast.has(path))).toBe(true);
      } else {
        expect(until).toBeGreaterThan(now);
        const then = after(until);
        expect(paths.filter((path) => ready.has(path) && !then.has(path))).toEqual([]);
      }
    }
  });
});

test('until `next` nothing else is published, or waits otherwise', () => {
  const judged = (made: Plan) => ({ shown: shown(made).toSorted(), waits: made.waits, next: made.next });
  fc.assert(
    fc.property(given, fc.nat(200), (one, later) => {
      const [first, now] = [plan(planInput(one)), one.now ?? 0];
      const then = Math.min(now + later, (first.next ?? Infinity) - 1);
      expect(first.next ?? Infinity).toBeGreaterThan(now);
      expect(judged(plan(planInput({ ...one, now: then })))).toEqual(judged(first));
    }),
    { numRuns: 2000 },
  );
});

test('the plan does not depend on the order in which the changes are given', () => {
  const shuffled = given.chain((one) =>
    fc.tuple(fc.constant(one), fc.shuffledSubarray([...one.bound], { minLength: one.bound.length })),
  );
  fc.assert(
    fc.property(shuffled, ([one, bound]) => {
      expect(plan(planInput({ ...one, bound }))).toEqual(plan(planInput(one)));
    }),
    { numRuns: 1000 },
  );
});

function reaches(from: Pending, to: Pending, all: readonly Pending[], next: (change: Pending) => Pending[]): boolean {
  const seen = new Set([from]);
  for (const change of seen) for (const other of next(change)) if (all.includes(other)) seen.add(other);
  return seen.has(to);
}
