import { joinOverlapping, type ReleaseChange } from '../../../electron/engine/core/overlap.ts';
import type { Router } from '../../../electron/engine/core/routes.ts';
import type { LinkMessage } from '../../../shared/contract/link.ts';
import { DecidingGuard } from './deciding-guard.ts';
import type { DecidingMaster } from './deciding-master.ts';
import type { DecidingMirror } from './deciding-mirror.ts';
import type { SiteHistory, Version } from './site-history.ts';

type Shown = ReadonlyMap<string, Version>;

const NOTHING: Version = { seq: 0, sha256: undefined, refs: [], release: undefined, at: 0 };

/** Looks at what a mirror shows after each moment in which that became something else (SPEC §8), and at the end. */
export class DecidingOracle {
  readonly #history: SiteHistory;
  readonly #master: DecidingMaster;
  readonly #router: Router | undefined;
  /** As long as a page waits for a target that is on its way. */
  readonly #lateMillis: number;
  readonly #isGrouped: (path: string) => boolean;
  readonly #shown = new Map<DecidingMirror, Map<string, Version>>();
  /** As of which change a mirror has compared the whole index last. */
  readonly #compared = new Map<DecidingMirror, number>();
  /** The newest change that the pages of it have told of. */
  readonly #paged = new Map<DecidingMirror, number>();
  /** The deletes that a person was asked about there: the last of each path. */
  readonly #asked = new Map<DecidingMirror, Map<string, number>>();
  /** Releases that a mirror was told of at once, as it had missed them or compares: it shows them at once. */
  readonly #missed = new Map<DecidingMirror, (readonly number[])[]>();
  readonly guard: DecidingGuard;
  looks = 0;

  constructor(given: {
    readonly history: SiteHistory;
    readonly master: DecidingMaster;
    readonly router: Router | undefined;
    readonly lateMillis: number;
    readonly isGrouped: (path: string) => boolean;
  }) {
    this.#history = given.history;
    this.guard = new DecidingGuard(given.history);
    this.#master = given.master;
    this.#router = given.router;
    this.#lateMillis = given.lateMillis;
    this.#isGrouped = given.isGrouped;
  }

  /** A mirror is about to take this in. */
  hears(mirror: DecidingMirror, message: LinkMessage): void {
    if (message.type === 'snapshotNeeded') {
      this.#compared.set(mirror, message.seq);
      this.#misses(mirror, 0, message.seq);
    } else if (message.type === 'notify' && message.mode === 'catch-up')
      this.#misses(mirror, mirror.state.cursor, message.headSeq);
  }

  #misses(mirror: DecidingMirror, after: number, until: number): void {
    const missed = [...this.#history.releases.keys()].filter((id) => id > after && id <= until && !this.#waits(id));
    this.#missed.set(mirror, [...(this.#missed.get(mirror) ?? []), missed]);
  }

  /** A mirror has taken this in. */
  told(mirror: DecidingMirror, message: LinkMessage): void {
    if (message.type === 'snapshotPage') this.#paged.set(mirror, message.headSeq ?? 0);
    const asked = this.#asked.get(mirror) ?? new Map<string, number>();
    this.#asked.set(mirror, asked);
    for (const { path, seq } of mirror.state.wants.inState('held', Number.MAX_SAFE_INTEGER)) asked.set(path, seq);
    const shown = [...(this.#shown.get(mirror) ?? [])];
    const files = shown.filter(([, { sha256 }]) => sha256 !== undefined).map(([path, { seq }]) => [path, seq] as const);
    this.guard.told(mirror, message, new Map(files));
  }

  /** What of it must not be so. */
  look(mirror: DecidingMirror, paths: readonly string[], now: number): string[] {
    const shown = this.#shown.get(mirror) ?? new Map<string, Version>();
    this.#shown.set(mirror, shown);
    const wrong: string[] = [];
    const changed: [string, Version][] = [];
    const before = new Map(shown);
    for (const path of paths) {
      this.looks += 1;
      const last = shown.get(path) ?? NOTHING;
      const entry = mirror.state.entry(path as never);
      const sha256 = entry?.kind === 'file' ? entry.sha256 : undefined;
      if (last.sha256 === sha256) continue;
      if (sha256 === undefined) wrong.push(...this.guard.gone(mirror, path));
      const same = [NOTHING, ...(this.#history.versions.get(path) ?? [])].filter((each) => each.sha256 === sha256);
      const next = same.find(({ seq }) => seq >= last.seq);
      if (next) changed.push([path, next]);
      else wrong.push(`${path} is ${same.length > 0 ? 'older than it was' : 'what it never was'}: ${sha256}`);
      shown.set(path, next ?? { ...last, sha256 });
    }
    for (const release of new Set(changed.flatMap(([, version]) => version.release ?? [])))
      wrong.push(...this.#halves(mirror, { before, shown }, release));
    for (const [path, version] of changed) wrong.push(...this.#early(mirror, shown, path, version, now));
    return wrong.map((text) => `${mirror.peer.name}: ${text}`);
  }

  /** In the end each mirror holds what it is to hold, and has nothing more to do. */
  atRest(mirrors: readonly DecidingMirror[]): string[] {
    const present = this.#history.present;
    const wrong = present.flatMap((path) => {
      const entry = this.#master.journal.index.entry(path as never);
      return entry?.kind === 'file' && entry.sha256 === this.#history.last(path)?.sha256 ? [] : [`the master: ${path}`];
    });
    for (const mirror of mirrors) {
      const { state, peer } = mirror;
      const expected = new Map(
        present.filter((path) => this.#wants(mirror, path)).map((path) => [path, this.#history.last(path)?.sha256]),
      );
      for (const entry of state.entriesAfter('', 100_000)) {
        if (entry.kind === 'file' && expected.get(entry.path) === entry.sha256) expected.delete(entry.path);
        else wrong.push(`${peer.name} has ${JSON.stringify(entry)}`);
      }
      for (const path of expected.keys()) wrong.push(`${peer.name} has no ${path}`);
    }
    return wrong;
  }

  #wants({ peer }: DecidingMirror, path: string): boolean {
    return !this.#router || this.#router(path as never, peer.name);
  }

  /** A release is shown as a whole or not at all, and one that waits for its word not before that. */
  #halves(mirror: DecidingMirror, { before, shown }: Record<'before' | 'shown', Shown>, release: number): string[] {
    const [own, old]: [string[], string[]] = [[], []];
    const compared = this.#compared.get(mirror) ?? 0;
    const told = Math.max(compared, this.#paged.get(mirror) ?? 0);
    // What was committed while a mirror compared is told after it: that it has overtaken a part is known only then.
    const isLate = (path: string): boolean =>
      this.#history.versions.get(path)?.some((each) => (each.release ?? 0) > compared) ?? false;
    if (release <= compared && [...(this.#history.releases.get(release) ?? [])].some(isLate)) return [];
    for (const path of this.#history.releases.get(release) ?? []) {
      const version = this.#history.ofRelease(path, release);
      if (!version || !this.#wants(mirror, path)) continue;
      const there = shown.get(path) ?? NOTHING;
      // A person is asked about it by itself, and it goes by itself, or with what overtakes it.
      if (mirror.state.wants.of(path as never)?.state === 'held') continue;
      if (version.seq <= (this.#asked.get(mirror)?.get(path) ?? 0)) continue;
      if (version.seq <= told && mirror.answered.has(path)) continue;
      if (there.seq === version.seq) own.push(path);
      else if (!this.#isAtLeast(path, there, version)) old.push(path);
    }
    return [
      ...(own.length > 0 && old.length > 0 ? [`release ${release} in part: ${own.join()}, and not ${old.join()}`] : []),
      ...(own.length > 0 && this.#awaitsWord(mirror, before, release) ? [`release ${release} before its word`] : []),
    ];
  }

  /**
   * Of releases that have a path in common, be it by way of others or of another name, what is left appears with the newest that a
   * mirror knows of. What it has missed and does not show yet is one.
   */
  #awaitsWord(mirror: DecidingMirror, before: Shown, release: number): boolean {
    const changes = [...this.#history.versions].flatMap(([path, versions]) =>
      versions.flatMap(({ release: own, moved }) => {
        const last = own ?? moved;
        return last === undefined ? [] : [{ path, release: { last } }];
      }),
    );
    for (const [index, missed] of (this.#missed.get(mirror) ?? []).entries())
      if (missed.some((id) => !this.#isShown(mirror, before, id)))
        changes.push(...missed.map((last) => ({ path: `missed ${index}`, release: { last } })));
    const into = joinOverlapping(changes as ReleaseChange[]);
    const together = [...into].filter(([id, tag]) => id >= release && tag.last === into.get(release)?.last);
    return together.every(([id]) => this.#waits(id));
  }

  #waits(release: number): boolean {
    const known = this.#master.releases.get(release);
    return known?.together !== undefined && known.goAt === undefined;
  }

  #isShown(mirror: DecidingMirror, shown: Shown, release: number): boolean {
    return [...(this.#history.releases.get(release) ?? [])].every((path) => {
      const version = this.#history.ofRelease(path, release);
      return !version || !this.#wants(mirror, path) || this.#isAtLeast(path, shown.get(path) ?? NOTHING, version);
    });
  }

  #isAtLeast(path: string, there: Version, version: Version): boolean {
    if (there.seq >= version.seq) return true;
    const versions = this.#history.versions.get(path) ?? [];
    return versions.some(({ seq, sha256 }) => seq >= version.seq && sha256 === there.sha256);
  }

  /** No page before what it links to, as that was when the page was published. */
  #early(mirror: DecidingMirror, shown: Shown, path: string, version: Version, now: number): string[] {
    // What waited for the rest of its release is told anew by another index: until then nobody knows that it is on its way.
    if (this.#isGrouped(path) || version.seq <= (this.#compared.get(mirror) ?? 0)) return [];
    return version.refs.flatMap((target) => {
      const wanted = this.#history.at(target, version.seq - 1);
      if (wanted?.sha256 === undefined || !this.#wants(mirror, target)) return [];
      if (this.#isAtLeast(target, shown.get(target) ?? NOTHING, wanted)) return [];
      // A later change of the target may have taken it away meanwhile: nothing of it is on its way then.
      const isGone = ({ seq, sha256 }: Version): boolean =>
        sha256 === undefined && seq > wanted.seq && seq <= mirror.state.cursor;
      if (this.#history.versions.get(target)?.some(isGone) || now - wanted.at >= this.#lateMillis) return [];
      return [`${path} of ${version.seq} before ${target} of ${wanted.seq}`];
    });
  }
}
