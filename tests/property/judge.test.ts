import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newWant } from '../../electron/engine/store/want-rows.ts';
import { judge } from '../../electron/engine/core/judge.ts';
import type { Target, Want } from '../../electron/engine/core/want.ts';
import type { Change, Present } from '../../shared/domain/change.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';

const path = 'page.html' as SitePath;
const content = fc.record({
  size: fc.constantFrom(0, 3),
  mtime: fc.constantFrom(1000, 2000),
  sha256: fc.constantFrom('a'.repeat(64), 'b'.repeat(64)),
});
const seq = fc.nat(6);
const target: fc.Arbitrary<Target> = fc.oneof(
  content.map((value) => ({ kind: 'file' as const, ...value })),
  fc.constantFrom({ kind: 'dir' as const }, { kind: 'gone' as const }),
);
const entry: fc.Arbitrary<Present | undefined> = fc.option(
  fc.tuple(target, seq).map(([value, at]) => (value.kind === 'gone' ? undefined : { ...value, path, seq: at })),
  { nil: undefined },
);
const want: fc.Arbitrary<Want | undefined> = fc.option(
  fc.tuple(target, seq).map(([value, at]): Want => {
    return { ...newWant(0), transfer: 1, path, target: value, seq: at };
  }),
  { nil: undefined },
);
const change: fc.Arbitrary<Exclude<Change, { op: 'rename' }>> = fc.oneof(
  fc.tuple(content, seq).map(([value, at]) => ({ op: 'put' as const, path, seq: at, at: 0, ...value })),
  fc
    .tuple(fc.constantFrom('delete' as const, 'rmdir' as const, 'mkdir' as const), seq)
    .map(([op, at]) => ({ op, path, seq: at, at: 0 })),
);
const known = fc.record({ entry, want, excluded: fc.boolean(), elsewhere: fc.boolean(), sameJournal: fc.boolean() });

/** What the path holds once all work is done. */
function outcome(
  given: { entry: Present | undefined; want: Want | undefined },
  work: Target | 'none' | 'drop',
): string {
  const held = work === 'none' ? (given.want?.target ?? given.entry) : work === 'drop' ? given.entry : work;
  if (!held || held.kind === 'gone') return 'nothing';
  return held.kind === 'dir' ? 'a folder' : `${held.sha256} ${held.size} ${held.mtime}`;
}

function meant(told: Exclude<Change, { op: 'rename' }>): string {
  if (told.op === 'put') return `${told.sha256} ${told.size} ${told.mtime}`;
  return told.op === 'mkdir' ? 'a folder' : 'nothing';
}

test('a change that is taken leads to what it means, one that is not leaves all as it was', () => {
  fc.assert(
    fc.property(change, known, (told, given) => {
      const { verdict, work } = judge(told, given);
      if (verdict === 'not-wanted' || verdict === 'stale') {
        expect(work).toBe('none');
        return;
      }
      const settled = given.want === undefined || work !== 'none';
      expect(settled).toBe(true);
      expect(outcome(given, work)).toBe(meant(told));
    }),
    { numRuns: 2000 },
  );
});

test('what is not wanted is never taken, and what is older than what is known never wins', () => {
  fc.assert(
    fc.property(change, known, (told, given) => {
      const { verdict } = judge(told, given);
      const newest = Math.max(given.entry?.seq ?? -1, given.want?.seq ?? -1);
      expect(verdict === 'not-wanted').toBe(given.excluded);
      expect(verdict === 'stale').toBe(!given.excluded && given.sameJournal && newest > told.seq);
    }),
    { numRuns: 2000 },
  );
});

test('nothing is fetched that is here', () => {
  fc.assert(
    fc.property(change, known, (told, given) => {
      const { verdict } = judge(told, given);
      if (verdict !== 'fetch' || told.op !== 'put') return;
      expect(given.elsewhere).toBe(false);
      expect(given.entry?.kind === 'file' && given.entry.sha256 === told.sha256 && given.entry.size === told.size).toBe(
        false,
      );
    }),
    { numRuns: 2000 },
  );
});
