import type { Change, Millis } from '../../../shared/domain/change.ts';
import { type Reference, rebaseReference } from '../../../shared/domain/reference.ts';
import { isWithin, rebase, type SitePath } from '../../../shared/domain/site-path.ts';
import type { compileGroups } from '../core/groups.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import type { Inbox } from './inbox.ts';
import { type RenameOrder, requireShort } from './rename-order.ts';
import type { WaitingReleases } from './waiting-releases.ts';

type Rename = Extract<Change, { op: 'rename' }>;

export interface ToldRenamesOptions {
  readonly state: MirrorState;
  readonly inbox: Inbox;
  readonly releases: WaitingReleases;
  /** See `InboxOptions`. */
  readonly excludes: (path: SitePath) => boolean;
  readonly now: () => Millis;
  readonly groupsOf: ReturnType<typeof compileGroups>;
  readonly onTransfer: (id: number) => void;
}

/** Renames that are told: done as such where nothing else is to be seen between, else as what they mean for each path. Within a transaction. */
export class ToldRenames {
  readonly #options: ToldRenamesOptions;
  readonly #state: MirrorState;

  constructor(options: ToldRenamesOptions) {
    this.#options = options;
    this.#state = options.state;
  }

  /** Throws `link.malformed` where a path would be too long. */
  take(change: Rename, renameNow: (order: RenameOrder) => boolean): void {
    const { from, path, kind, seq } = change;
    const { inbox, releases, now, onTransfer } = this.#options;
    const state = this.#state;
    if (kind === 'dir') requireShort(state, from, path);
    inbox.note(from);
    const isSimple = this.#isSimple(change);
    if (!isSimple && change.content) {
      // What a file holds is known: the rename is a put and a delete, also where the file never came here.
      const { content, at } = change;
      const release = releases.goesOn(releases.at(from), change.release);
      const how = { sameJournal: true, guarded: false };
      inbox.judge({ op: 'delete', path: from, seq, at, ...release }, how);
      return inbox.judge({ op: 'put', path, seq, at, ...content, ...release }, how);
    }
    const transfer = state.transfers.add(change, 'rename', 'queued', now());
    onTransfer(transfer);
    if (isSimple && renameNow({ from, path, kind, seq, transfer })) return;
    this.expand(change, transfer);
  }

  /** Nothing is under way at either name, and all that has the old one gets the new one. */
  #isSimple(change: Rename): boolean {
    const { from, path, kind, content } = change;
    const { excludes } = this.#options;
    const state = this.#state;
    const source = state.entry(from);
    return (
      source?.kind === kind &&
      // A person may have given up what the master has there.
      (source.kind === 'dir' || !content || source.sha256 === content.sha256) &&
      !this.#isBound(change) &&
      !excludes(path) &&
      !excludes(from) &&
      (kind === 'file' || !state.hasBelow(path)) &&
      state.kindAt(path) !== 'dir' &&
      !state.wants.hasWithin(from) &&
      !state.wants.hasWithin(path)
    );
  }

  /** True for a rename that must not be seen before, or after, what belongs to it: it is taken apart. */
  #isBound({ from, path, kind, content }: Rename): boolean {
    const { links, belonging } = this.#state;
    const { groups, links: rules } = belonging.rules;
    const { groupsOf } = this.#options;
    if (groups.length > 0) {
      const names =
        kind === 'file'
          ? [from, path]
          : this.#state.desiredWithin(from).flatMap((entry) => [entry.path, rebase(entry.path, from, path)]);
      if (names.some((name) => groupsOf(name).length > 0)) return true;
    }
    if (!rules.wait) return false;
    if (kind === 'dir') return links.isLinkedFromOutside(from);
    return links.isLinked(from, rules.index) || (content?.refs ?? []).length > 0;
  }

  /** A rename as what it means for each path: content that is here already is copied, not fetched (SPEC §7). */
  expand(change: Rename, transfer: number, entries = this.#state.desiredWithin(change.from)): void {
    const { from, path, seq } = change;
    const leadingNow = (reference: Reference): Reference => rebaseReference(reference, from, path);
    const isOvertaken = (at: SitePath): boolean => (this.#state.wants.of(at)?.seq ?? seq) > seq;
    const moved = entries.map((entry) => ({
      entry,
      as: 'part' as const,
      ...this.#options.releases.goesOn(
        isOvertaken(entry.path) ? null : this.#options.releases.at(entry.path),
        change.release,
      ),
    }));
    for (const { entry, ...how } of [...moved].reverse())
      if (!isOvertaken(entry.path)) this.#options.inbox.want(entry.path, { kind: 'gone' }, seq, transfer, how);
    for (const { entry, ...how } of moved) {
      const to = rebase(entry.path, from, path);
      const target = { ...entry, ...(entry.kind === 'file' && entry.refs && { refs: entry.refs.map(leadingNow) }) };
      if (!isWithin(to, path) || this.#options.excludes(to) || isOvertaken(to)) continue;
      this.#state.belonging.copyMissing(entry.path, to, leadingNow);
      this.#options.inbox.want(to, target, seq, transfer, how);
    }
    if (this.#state.transfers.isDone(transfer)) {
      this.#state.transfers.update(transfer, { state: 'published', publishedAt: this.#options.now() });
    }
  }
}
