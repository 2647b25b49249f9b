import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileGroups } from '../../electron/engine/core/groups.ts';
import { plan } from '../../electron/engine/core/plan.ts';
import type { Batch, Pending } from '../../electron/engine/core/planning.ts';
import { siteRules } from '../../shared/contract/rules.ts';
import { candidatesOf, type Reference, referencesTo } from '../../shared/domain/reference.ts';
import { file, gone, planInput } from '../support/plan-input.ts';

/** A site of a few files that is republished while time passes, and a mirror that publishes what the plan says. */

const PATHS = ['a.html', 'b.html', 'c.html', 'd.css', 'e/index.html', 'e/f.css'] as const;
const REFERENCES = [...PATHS, 'e/', 'nowhere.css'];
const LIMITS = { missing: 10, late: 60, deleted: 30 };
const FAR = 1_000_000;

interface Put {
  readonly path: string;
  readonly refs: readonly string[];
  readonly gone: boolean;
}

type Event =
  | { readonly kind: 'changed'; readonly puts: readonly Put[]; readonly release: boolean }
  | { readonly kind: 'arrived'; readonly at: number }
  | { readonly kind: 'passed'; readonly millis: number }
  /** The mirror looks, publishes so many batches, and is killed: it looks again at the next event. */
  | { readonly kind: 'looked'; readonly batches: number };

const put: fc.Arbitrary<Put> = fc.record({
  path: fc.constantFrom(...PATHS),
  refs: fc.uniqueArray(fc.constantFrom(...REFERENCES), { maxLength: 3 }),
  gone: fc.nat(5).map((one) => one === 0),
});
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    kind: fc.constant('changed' as const),
    puts: fc.uniqueArray(put, { minLength: 1, maxLength: 3, selector: ({ path }) => path }),
    release: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('arrived' as const), at: fc.nat(9) }),
  fc.record({ kind: fc.constant('passed' as const), millis: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('looked' as const), batches: fc.nat(3) }),
);
const group = fc.record({
  name: fc.constantFrom('g', 'h'),
  members: fc.uniqueArray(fc.constantFrom(...PATHS, '*.html', '**/*.css'), { minLength: 1, maxLength: 3 }),
  rule: fc.constantFrom('all', 'settle'),
  settle: fc.constantFrom(0, 20),
  limit: fc.constantFrom(null, 50),
});
const groups = fc.uniqueArray(group, { maxLength: 2, selector: ({ name }) => name });

type Groups = typeof groups extends fc.Arbitrary<infer Value> ? Value : never;
type Seen = { readonly seq: number; readonly refs: readonly string[] };

class Mirror {
  readonly rules;
  readonly tree = new Map<string, Seen>();
  readonly pending = new Map<string, Pending>();
  readonly rounds = new Map<string, { began: number; changedAt: number; noted: string[] }>();
  /** What was done against the rules. */
  readonly broken: string[] = [];
  readonly #groups: Groups;
  readonly #groupsOf;
  #now = 0;
  #seq = 0;

  constructor(given: Groups) {
    this.#groups = given;
    this.rules = siteRules.parse({ groups: given, links: LIMITS });
    this.#groupsOf = compileGroups(this.rules.groups);
  }

  take(one: Event): void {
    switch (one.kind) {
      case 'changed':
        return this.#notify(one.puts, one.release);
      case 'arrived': {
        const coming = [...this.pending.values()].filter(({ stage }) => stage === 'coming');
        const change = coming[one.at % Math.max(1, coming.length)];
        if (change) this.pending.set(change.path, { ...change, stage: 'ready' });
        return;
      }
      case 'passed':
        this.#now += one.millis;
        return;
      case 'looked':
        for (const batch of this.plan().batches.slice(0, one.batches)) this.publish(batch);
    }
  }

  plan() {
    return plan(this.#input());
  }

  #input() {
    return planInput({
      now: this.#now,
      groups: this.#groups,
      links: LIMITS,
      bound: [...this.pending.values()],
      published: Object.fromEntries(this.tree),
      rounds: Object.fromEntries(this.rounds),
    });
  }

  #notify(puts: readonly Put[], release: boolean): void {
    const last = this.#seq + puts.length;
    for (const { path, refs, gone: goes } of puts) {
      const known = this.pending.get(path);
      const make = goes ? gone : file;
      const change = make(path, {
        refs: goes ? [] : refs,
        seq: ++this.#seq,
        since: known?.since ?? this.#now,
        changedAt: this.#now,
        stage: goes ? 'ready' : 'coming',
        // Part of a release may be overtaken by later changes, never by earlier ones.
        release: release ? last : null,
      });
      this.pending.set(change.path, change);
      for (const { group: each, member } of this.#groupsOf(change.path)) {
        const round = this.rounds.get(each.name) ?? { began: this.#now, changedAt: this.#now, noted: [] };
        this.rounds.set(each.name, { ...round, changedAt: this.#now, noted: [...round.noted, member] });
      }
    }
  }

  /** Publishes, and checks what must hold then. */
  publish({ paths, groups: ended, missing }: Batch): void {
    const changes = paths.map((path) => {
      const change = this.pending.get(path);
      if (!change) throw new Error(`${path} is not pending`);
      return change;
    });
    const linkers = new Map(
      changes.map(({ path }) => [
        path,
        planInput({ bound: [], published: Object.fromEntries(this.tree) }).linkersOf(path),
      ]),
    );
    for (const { path, kind, seq, refs } of changes) {
      if (kind === 'gone') this.tree.delete(path);
      else this.tree.set(path, { seq, refs });
      this.pending.delete(path);
    }
    for (const change of changes) {
      this.#must(change.stage === 'ready', `${change.path} has no content`);
      this.#checkUnits(change);
      if (change.kind === 'file') this.#checkTargets(change, missing);
      else if (change.release === null) this.#checkLinkers(change, changes, linkers.get(change.path) ?? []);
    }
    for (const name of ended) this.rounds.delete(name);
  }

  #must(holds: boolean, otherwise: string): void {
    if (!holds) this.broken.push(`${this.#now}: ${otherwise}`);
  }

  #checkUnits({ path, release, changedAt }: Pending): void {
    const left = [...this.pending.values()];
    this.#must(release === null || left.every((other) => other.release !== release), `release ${release} is split`);
    for (const { group: each } of this.#groupsOf(path)) {
      if (each.limit !== null) continue;
      const members = left.filter((other) => this.#groupsOf(other.path).some(({ group: one }) => one === each));
      this.#must(members.length === 0, `group ${each.name} is split`);
      const round = this.rounds.get(each.name);
      const noted = each.members.every((text) => round?.noted.includes(text));
      const settled = changedAt + each.settle <= this.#now;
      this.#must(each.rule === 'all' ? noted : settled, `group ${each.name} was not complete`);
    }
  }

  #checkTargets({ path, since, release, refs }: Pending, missing: Batch['missing']): void {
    for (const reference of refs) {
      const candidates = candidatesOf(reference, this.rules.links.index);
      const coming = candidates.find((one) => this.pending.get(one)?.kind === 'file');
      const there = candidates.some((one) => this.tree.has(one));
      const limited = this.#sharesLimit(path, coming);
      const late = this.#now >= since + LIMITS.late;
      this.#must(coming === undefined || limited || late, `${path} did not wait for ${coming}`);
      if (there || coming !== undefined) continue;
      const known = release !== null || this.#wasMissing.has(`${path} ${reference}`);
      const over = this.#now >= since + LIMITS.missing;
      this.#must(known || over, `${path} did not wait for ${reference}, which is missing`);
      const marked = missing.some(({ page, target }) => page === path && target === reference);
      this.#must(marked, `${reference} of ${path} is not marked`);
    }
    for (const reference of refs) this.#wasMissing.add(`${path} ${reference}`);
    this.#marked.set(path, new Set(missing.filter(({ page }) => page === path).map(({ target }) => target)));
  }

  /** References that a published version of a page has had. */
  readonly #wasMissing = new Set<string>();
  /** References of each published page that were known to lead nowhere when it was published. */
  readonly #marked = new Map<string, ReadonlySet<Reference>>();

  #sharesLimit(path: string, other: string | undefined): boolean {
    const limited = (one: string) =>
      this.#groupsOf(file(one).path).flatMap(({ group: each }) => (each.limit === null ? [] : [each.name]));
    return other !== undefined && limited(path).some((name) => limited(other).includes(name));
  }

  #checkLinkers({ path, since }: Pending, batch: readonly Pending[], before: readonly string[]): void {
    const references = referencesTo(path, this.rules.links.index);
    const relying = before.filter(
      (page) =>
        page !== path &&
        this.tree.has(page) &&
        !batch.some((other) => other.path === page) &&
        !references.some((reference) => this.#marked.get(page)?.has(reference)),
    );
    const over = this.#now >= since + LIMITS.deleted;
    this.#must(over || relying.length === 0, `${path} was deleted before ${relying.join()} was replaced`);
  }
}

test('however changes, contents and time come, and wherever it is killed, a mirror shows nothing too early and all in the end', () => {
  fc.assert(
    fc.property(groups, fc.array(event, { minLength: 5, maxLength: 40 }), (given, events) => {
      const mirror = new Mirror(given);
      const expected = new Map<string, number>();
      let seq = 0;
      for (const one of events) {
        mirror.take(one);
        if (one.kind !== 'changed') continue;
        for (const { path, gone: goes } of one.puts) {
          seq += 1;
          if (goes) expected.delete(path);
          else expected.set(path, seq);
        }
      }
      for (let left = mirror.pending.size; left > 0; left -= 1) mirror.take({ kind: 'arrived', at: 0 });
      // The end may need several looks: what is left behind by a limit, what linked to a delete.
      for (let looks = 0; looks < 5; looks += 1) {
        mirror.take({ kind: 'passed', millis: FAR });
        mirror.take({ kind: 'looked', batches: Infinity });
      }
      const { batches, waits } = mirror.plan();
      expect(mirror.broken).toEqual([]);
      expect(batches).toEqual([]);
      // What waits now has no limit: members of a group of which one was never notified.
      for (const { until, reasons } of waits) {
        expect(until).toBe(null);
        expect(reasons.map(({ kind }) => kind)).toContain('group');
      }
      const held = new Set<string>(waits.flatMap(({ paths }) => paths));
      expect(new Set<string>(mirror.pending.keys())).toEqual(held);
      const shown = new Map([...mirror.tree].map(([path, { seq: at }]) => [path, at]));
      for (const path of PATHS)
        if (!held.has(path)) expect([path, shown.get(path)]).toEqual([path, expected.get(path)]);
    }),
    { numRuns: 1500 },
  );
});
