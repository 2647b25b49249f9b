import { createHash } from 'node:crypto';
import type { JournalModel, State, Version } from './journal-model.ts';
import { describe, pathsBelow, stateAt } from './tree.ts';

/** What the oracle knows of a version as it is shown. */
export interface Shown {
  readonly state: State;
  /** Of the change that made it; 0: nothing was ever there. */
  readonly seq: number;
}

export interface Violation {
  readonly rule: string;
  readonly text: string;
}

/** In the place of a hash: nothing is there. */
const GONE = '';
const NOTHING: Shown = { state: { kind: 'gone' }, seq: 0 };

/**
 * Looks at one mirror's tree after each step in which it was changed. Only whole versions that the master had under that path
 * may be seen, and never an older one after a newer.
 */
export class MirrorWatch {
  readonly name: string;
  readonly root: string;
  readonly model: JournalModel;
  readonly shown = new Map<string, Shown>();
  /** What the paths that the last look has found changed showed before it. */
  readonly #showedBefore = new Map<string, Shown>();
  /** What it shows is what it decided: not while it starts, and makes up for what a crash left undone. */
  readonly isUp: () => boolean;
  /** Paths whose deletes a person is asked about: they hold up nothing else. */
  readonly held: () => readonly string[];
  /** Its clock was set: what waits by it may have waited for less than it would have. */
  clockSet = false;
  /** A person has said that what the master deleted there stays. */
  readonly givenUp = new Set<string>();
  /** Folders whose contents are set to be there now and then; in the end they are. */
  readonly comesAndGoes = new Set<string>();
  /** What has failed may not be undone there now: what gives a staged file its name back takes room, and there may be none. */
  readonly isStuck: () => boolean;
  /** What such paths showed before: that comes back. */
  readonly #undone = new Map<string, Shown>();
  /** A person has said of something that it is to be shown at once, or never: what belongs together may not be shown so any more. */
  isDecided = false;
  readonly #away: readonly string[];
  readonly #dirty = new Set<string>();
  /** The next look is the first after a loss of power, and nothing has been started since. */
  #powerLost = false;
  readonly #shownBefore = new Map<string, number>();
  /** What others put there; see `foreign`. Once it has gone again it is nothing that may be seen there any more. */
  readonly #foreign = new Map<string, Set<string>>();

  constructor(
    name: string,
    root: string,
    model: JournalModel,
    how: {
      away: readonly string[];
      isUp: () => boolean;
      held: () => readonly string[];
      isStuck: () => boolean;
    },
  ) {
    this.name = name;
    this.root = root;
    this.model = model;
    this.#away = how.away;
    this.isUp = how.isUp;
    this.held = how.held;
    this.isStuck = how.isStuck;
  }

  /** It gets what is there. */
  wants(path: string): boolean {
    return !this.#away.some((folder) => path.startsWith(`${folder}/`));
  }

  /** It has had it all the time that it was there. */
  wantsAlways(path: string): boolean {
    return this.wants(path) && ![...this.comesAndGoes].some((folder) => path.startsWith(`${folder}/`));
  }

  /** In the end; folders come and go with what is in them where a part is left out. */
  readonly isCompared = (path: string, state: State): boolean =>
    this.wants(path) && (state.kind === 'file' || this.#away.length === 0);

  /** A path of its folder may have changed. False: it is not in this folder, or of no interest. */
  changed(absolute: string): boolean {
    if (!absolute.startsWith(`${this.root}/`)) return false;
    const path = absolute.slice(this.root.length + 1);
    if (path !== '.lockstep' && !path.startsWith('.lockstep/')) this.#dirty.add(path);
    return true;
  }

  /** What was changed since the last look, and what of it must not be. */
  look(): { readonly changed: readonly string[]; readonly violations: readonly Violation[] } {
    if (this.#dirty.size === 0) return { changed: [], violations: [] };
    const paths = this.#affected();
    this.#dirty.clear();
    this.#showedBefore.clear();
    const violations: Violation[] = [];
    const changed: string[] = [];
    for (const path of paths) {
      const before = this.shown.get(path) ?? NOTHING;
      const state = stateAt(this.root, path);
      if (isSame(before.state, state)) continue;
      changed.push(path);
      this.#showedBefore.set(path, before);
      const judged = this.#judge(path, before, state);
      this.#undone.delete(path);
      const theirs = this.#foreign.get(path);
      if (theirs?.delete(keyOf(before.state)) === true && theirs.size === 0) this.#foreign.delete(path);
      if (typeof judged === 'object') this.shown.set(path, judged);
      else {
        violations.push({ rule: judged, text: `${this.name} shows at ${path} ${describe(state)} (${judged})` });
        this.shown.set(path, { state, seq: before.seq });
      }
    }
    this.#powerLost = false;
    return { changed, violations };
  }

  /** The change of which `path` was before the last look. */
  seqBefore(path: string): number {
    return (this.#showedBefore.get(path) ?? this.shown.get(path))?.seq ?? 0;
  }

  /** What the last look has found changed may be undone later. */
  mayBeUndone(): void {
    for (const [path, before] of this.#showedBefore) this.#undone.set(path, before);
  }

  /** Some of it may be older than what was shown. */
  reset(): void {
    this.#powerLost = true;
    for (const [path, { seq }] of this.shown)
      this.#shownBefore.set(path, Math.max(seq, this.#shownBefore.get(path) ?? 0));
    for (const [path, { state }] of this.shown) this.shown.set(path, { state, seq: 0 });
    for (const path of [...this.shown.keys(), ...pathsBelow(this.root)]) this.#dirty.add(path);
  }

  /**
   * It was shown there, with all that belongs to it, before power was lost: what the disk has lost is put back as soon as each file
   * can be had.
   */
  isPutBack(path: string): boolean {
    return (this.shown.get(path)?.seq ?? 0) <= (this.#shownBefore.get(path) ?? -1);
  }

  /** It knows less than it did: files of which it does not know stay until a thorough check, whatever they belonged to. */
  isForgetful = false;

  /** What it does again may show something older for a moment. */
  forgets(): void {
    this.isForgetful = true;
    for (const [path, { state }] of this.shown) this.shown.set(path, { state, seq: 0 });
  }

  /** Somebody else than the mirror puts this there, or takes away what is there. */
  foreign(path: string, text: string | undefined): void {
    const sha256 = text === undefined ? GONE : createHash('sha256').update(text).digest('hex');
    this.#foreign.set(path, (this.#foreign.get(path) ?? new Set()).add(sha256));
  }

  /** What it shows there somebody else has made of it. */
  isForeign(path: string): boolean {
    const { state } = this.shown.get(path) ?? NOTHING;
    return this.#foreign.get(path)?.has(keyOf(state)) ?? false;
  }

  #affected(): string[] {
    const found = new Set<string>();
    for (const path of this.#dirty) {
      found.add(path);
      for (const known of this.shown.keys()) if (known.startsWith(`${path}/`)) found.add(known);
      if (stateAt(this.root, path).kind === 'dir') for (const below of pathsBelow(this.root, path)) found.add(below);
    }
    return [...found].sort();
  }

  #judge(path: string, before: Shown, state: State): Shown | string {
    const versions = this.model.history.get(path) ?? [];
    const undone = this.#undone.get(path);
    if (undone && isSame(undone.state, state)) return undone;
    // A folder comes into being with what is in it, and goes with it: what it is of is not said.
    if (state.kind === 'dir') return { state, seq: before.seq };
    if (before.state.kind === 'dir' && state.kind === 'gone') return { state, seq: before.seq };
    if (state.kind === 'gone' && !this.wantsAlways(path)) return { state, seq: before.seq };
    const foreign = this.#foreign.get(path);
    if (foreign?.has(keyOf(state))) return { state, seq: before.seq };
    // The name of a new file may be lost with what was not flushed: before it nothing was there (docs/durability.md). That is no delete.
    if (state.kind === 'gone' && this.#powerLost) return NOTHING;
    if (state.kind === 'gone' && this.#wentUntold(path, versions)) return { state, seq: before.seq };
    const same = versions.filter((version) => isSame(version.state, state));
    if (same.length === 0)
      return state.kind === 'gone' ? 'a delete that nobody asked for' : 'content that the master never had there';
    const next = same.find(({ seq }) => seq >= before.seq);
    if (!next) return `older than what was shown, which is of ${before.seq}`;
    return { state, seq: next.seq };
  }

  /** A journal that was put back did not know it: what a publisher has done to its folder since is no row of its own. */
  #wentUntold(path: string, versions: readonly Version[]): boolean {
    const { tree, promised } = this.model;
    return !tree.has(path) && !promised.has(path) && versions.some(({ seq }) => this.model.isLost(seq));
  }

  version(path: string): Version | undefined {
    const { seq } = this.shown.get(path) ?? NOTHING;
    return this.model.history.get(path)?.find((version) => version.seq === seq);
  }
}

function keyOf(state: State): string {
  return state.kind === 'file' ? state.sha256 : GONE;
}

/** To a reader: times are not looked at. */
export function isSame(a: State, b: State): boolean {
  return a.kind === 'file' && b.kind === 'file' ? a.sha256 === b.sha256 : a.kind === b.kind;
}
