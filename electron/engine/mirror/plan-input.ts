import type { Millis } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { forEachPart, type Parts } from '../core/in-parts.ts';
import type { Pending, PlanInput } from '../core/planning.ts';
import type { Want } from '../core/want.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import type { Bindings } from './bindings.ts';

/** What a plan is made of beside what the database says. */
export interface PlanSources {
  readonly state: MirrorState;
  readonly bindings: Bindings;
  readonly excludes: (path: SitePath) => boolean;
  /** Wants that may have to wait, and which of them are ready. */
  readonly bound: ReadonlyMap<SitePath, Want>;
  readonly isReady: (path: SitePath) => boolean;
  readonly now: Millis;
  readonly currentSince: Millis;
  readonly fetchingSince: Millis;
}

/** The database answers as the plan asks, each question once. `bound` stays as it is meanwhile. */
export function* planInput({ state, bindings, excludes, bound, isReady, ...times }: PlanSources): Parts<PlanInput> {
  const { belonging, links } = state;
  const rules = bindings.inForce;
  const pending = new Map<SitePath, Pending>();
  yield* forEachPart(bound, ([path, want]) => pending.set(path, toPending(want, isReady(path))));
  const others = memoize((path: SitePath) => {
    const want = state.wants.of(path);
    return want && toPending(want, want.state === 'ready');
  });
  return {
    ...times,
    rules,
    knownTo: state.compared?.since ?? Infinity,
    bound: [...pending.values()],
    pendingAt: (path) => pending.get(path) ?? others(path),
    publishedSeq: memoize((path: SitePath) => state.seqAt(path)),
    linkersOf: memoize((path: SitePath) => links.linkersOf(path, rules.links.index)),
    movedTo: memoize((path: SitePath) => bindings.movedTo(path)),
    wasMissing: (page, reference) => {
      const target = bound.get(page)?.target;
      const isMoved = target?.kind === 'file' && belonging.wasMissingIn(target.sha256, reference);
      return isMoved || belonging.wasMissing(page, reference);
    },
    accepts: (path) => !excludes(path),
    changedAt: (target) => belonging.targetChangedAt(target),
    release: memoize((id: number) => {
      const followed = belonging.release(id);
      return { complete: state.hasHeardOf(id), go: !followed?.together || followed.go };
    }),
    round: memoize((group: string) => belonging.round(group)),
  };
}

function toPending(
  { path, target, seq, since, changedAt, release, forced, state, nextAt }: Want,
  ready: boolean,
): Pending {
  const stage = ready ? 'ready' : state === 'failed' && nextAt === null ? 'failed' : 'coming';
  const refs = target.kind === 'file' ? (target.refs ?? []) : [];
  return { path, kind: target.kind, seq, since, changedAt, stage, refs, release, forced };
}

function memoize<K, V>(find: (key: K) => V): (key: K) => V {
  const found = new Map<K, V>();
  return (key) => {
    if (found.has(key)) return found.get(key) as V;
    const value = find(key);
    found.set(key, value);
    return value;
  };
}
