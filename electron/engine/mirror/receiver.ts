import type { LinkMessageOf } from '../../../shared/contract/link.ts';
import type { Change, Content, Present } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import { enterParents } from './after-crash.ts';
import { decideGuarded } from './guarded-deletes.ts';
import type { HeardSince } from './heard-since.ts';
import { Inbox, type InboxOptions } from './inbox.ts';
import { LateRemovals } from './late-removals.ts';
import { MovedReleases } from './moved-releases.ts';
import type { RenameOrder } from './rename-order.ts';
import { countPage, isDeletedWith, type Snapshot } from './snapshot.ts';
import { ToldRenames } from './told-renames.ts';
import { WaitingReleases } from './waiting-releases.ts';

export interface ReceiverOptions extends Omit<InboxOptions, 'releases'> {
  /** Names what `excludes` leaves out. */
  readonly filter: string;
  readonly deleteGuard: () => number;
}

/**
 * Takes what the master tells into the inbox (wants and history), durable before it is acknowledged, and judges it.
 * It works on the database alone: what it decides, the worker does.
 */
export class Receiver {
  readonly #options: ReceiverOptions;
  readonly #state: MirrorState;
  #snapshot: Snapshot | undefined;
  /** More of a catch-up is to come. */
  #isGathering = false;
  /** Of a change after it more is to come. */
  #through = 0;
  readonly #late = new LateRemovals();
  /** While a check compares, and what it finds is not corrected. */
  heard: HeardSince | undefined;
  readonly #moved: MovedReleases;
  readonly #releases: WaitingReleases;
  readonly #inbox: Inbox;
  readonly #renames: ToldRenames;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#state = options.state;
    this.#moved = new MovedReleases(options.state);
    this.#releases = new WaitingReleases(options.state, options.onWant);
    this.#inbox = new Inbox({ ...options, releases: this.#releases });
    this.#renames = new ToldRenames({ ...options, releases: this.#releases, inbox: this.#inbox });
  }

  /** One `notify`, in one transaction. True: acknowledge it. False: it is not of the journal that is followed. */
  notify(message: LinkMessageOf<'notify'>, renameNow: (order: RenameOrder) => boolean): boolean {
    if (message.journal !== this.#state.journal) return false;
    const complete = message.mode === 'live' || message.through >= message.headSeq;
    this.#releases.areMissed = message.mode === 'catch-up';
    this.#isGathering = !complete;
    this.#through = message.through;
    this.#transaction(() => {
      if (!complete) this.#noteGathering(message);
      for (const each of message.joined ?? []) this.#releases.join(each);
      if (this.#late.isEmpty) this.#moved.clear();
      this.#moved.note(message.items);
      const take = (change: Change): void => {
        // It was announced, and told over the link as well.
        if (change.seq > this.#state.cursor) this.#take(change, message.mode === 'catch-up', renameNow);
      };
      for (const change of message.items) {
        this.#late.takeBefore(change.seq).forEach(take);
        if (!this.#late.defer(change, message.through)) take(change);
      }
      this.#late.takeBefore(message.through + 1).forEach(take);
      const { cursor, term } = this.#state;
      this.#state.moveCursor(message.journal, Math.max(cursor, message.through), message.term ?? term);
      this.#noteKnown(message);
      if (complete) this.#decideGuarded({ alone: false });
      // It is told once more, by whatever link; or never, where the master was put back.
    }, [this.#late, this.#moved]);
    return true;
  }

  /** More of what was missed is to come: until then this mirror knows a part of it, which may be what was overtaken by the rest. */
  #noteGathering({ journal, headSeq, term }: LinkMessageOf<'notify'>): void {
    const { compared, knownTo } = this.#state;
    if (this.#snapshot || (compared?.journal === journal && compared.seq >= headSeq)) return;
    this.#state.noteCompared({ journal, seq: headSeq, since: knownTo, term: term ?? null });
  }

  /** After it is taken in: whether this mirror knows a part only of a change, of which more is to come, or all that it was told of before. */
  #noteKnown({ journal, mode, items, through, headSeq, term }: LinkMessageOf<'notify'>): void {
    const { compared } = this.#state;
    const last = items.at(-1)?.seq ?? through;
    if (this.#snapshot) return;
    if (mode === 'live' && last > through && (compared?.seq ?? 0) < last)
      this.#state.noteCompared({ journal, seq: last, since: compared?.since ?? through, term: term ?? null });
    else if (compared && (through >= headSeq || (mode === 'live' && through >= compared.seq)))
      this.#state.noteCompared(undefined);
  }

  /** The master's journal is another one, or was cut: its index has to be compared with ours. */
  beginSnapshot(message: LinkMessageOf<'snapshotNeeded'>): void {
    const { journal, seq, term = null } = message;
    this.#late.clear();
    this.heard?.noteAll();
    this.#snapshot = { journal, seq, term, next: '', gone: [], release: undefined, heard: 0, told: 0 };
    this.#transaction(() => {
      // Until all of it is here this mirror holds a mixture, which only another comparison would mend.
      this.#state.saveFilter(null);
      const isOther = journal !== this.#state.journal;
      this.#state.noteCompared({ journal, seq, since: isOther ? 0 : this.#state.knownTo, term });
      if (!isOther) return;
      // What waits for the rest of its release is told by the other index, if that has it: nobody sees a part.
      for (const want of [...this.#state.wants.all()])
        if (want.release !== null) this.#inbox.supersede(want.path, want, undefined);
      this.#state.forgetSeqs();
      this.#state.belonging.forget();
    });
  }

  /** A snapshot of this journal is on its way: what the master has is not known to the end. */
  get comparing(): string | undefined {
    return this.#snapshot?.journal;
  }

  /** What belongs together from now on. False: the same as before. */
  rules({ seq, rules }: LinkMessageOf<'rules'>): boolean {
    const { belonging } = this.#state;
    if (JSON.stringify(rules) === JSON.stringify(belonging.rules)) return false;
    this.#transaction(() => belonging.setRules(seq, rules));
    return true;
  }

  /**
   * One page; `standing`: what of it was found in its place. Resolves what to ask for next, or the cursor once the snapshot is complete;
   * undefined: it is not ours. Throws `link.malformed`, `link.limit`.
   */
  page(
    message: LinkMessageOf<'snapshotPage'>,
    standing: ReadonlySet<SitePath>,
  ): { next: string } | { done: number } | undefined {
    const snapshot = this.#snapshot;
    // A page of a snapshot that was begun before this one is not asked for any more.
    if (!snapshot || message.journal !== snapshot.journal || message.after !== snapshot.next) return undefined;
    countPage(snapshot, message);
    const at = this.#options.now();
    const listed = new Set<string>(message.entries.map((entry) => entry.path));
    const here = this.#state.desiredBetween(message.after, message.last ? null : message.through);
    const goneWith = message.gone && new Map(message.gone.map(({ path, release }) => [path, release]));
    for (const { path } of here)
      if (!listed.has(path)) snapshot.gone.push({ path, release: goneWith ? goneWith.get(path) : null });
    snapshot.heard = Math.max(snapshot.heard, message.headSeq ?? 0);
    const { compared } = this.#state;
    this.#transaction(() => {
      if (compared && snapshot.heard > compared.seq) this.#state.noteCompared({ ...compared, seq: snapshot.heard });
      for (const entry of message.entries) {
        // What was committed after it was begun is nothing that was missed together with the rest.
        this.#releases.areMissed = (entry.release?.last ?? 0) <= snapshot.seq;
        if (isDeletedWith(entry.release, snapshot)) snapshot.release = entry.release;
        if (standing.has(entry.path) && this.#takeOver(entry)) continue;
        const head = { at, path: entry.path, seq: entry.seq, release: entry.release };
        this.#inbox.judge(
          entry.kind === 'file' ? { op: 'put', ...head, ...content(entry) } : { op: 'mkdir', ...head },
          {
            sameJournal: false,
            guarded: false,
          },
        );
      }
      for (const { path, release } of message.gone ?? []) {
        this.#releases.areMissed = release.last <= snapshot.seq;
        this.#releases.goesWith(path, release);
      }
      if (!message.last) return;
      for (const { path, release: told } of [...snapshot.gone].reverse()) {
        const { seq } = snapshot;
        const release = told === null ? snapshot.release : told;
        this.#releases.areMissed = (release?.last ?? 0) <= seq;
        const change: Change = { op: 'delete', at, path, seq, ...(release && { release }) };
        this.#inbox.judge(change, { sameJournal: false, guarded: true });
      }
      this.#state.moveCursor(snapshot.journal, snapshot.seq, snapshot.term);
      this.#state.saveFilter(this.#options.filter);
      // What was changed while the index was read is told in part by it: the rest comes with what was missed.
      const { seq: since, heard } = snapshot;
      this.#state.noteCompared(heard > since ? { ...snapshot, seq: heard, since } : undefined);
      this.#decideGuarded({ alone: true });
    });
    if (!message.last) {
      snapshot.next = message.through;
      return { next: message.through };
    }
    this.#snapshot = undefined;
    return { done: snapshot.seq };
  }

  /** What stands there as the master has it becomes this mirror's own. False: something is known of the path by now. */
  #takeOver(entry: LinkMessageOf<'snapshotPage'>['entries'][number]): boolean {
    const state = this.#state;
    const { path, seq } = entry;
    if (state.entry(path) || state.wants.of(path)) return false;
    state.setEntry(path, entry.kind === 'file' ? { kind: 'file', ...content(entry) } : { kind: 'dir' }, seq);
    enterParents(state, path);
    return true;
  }

  /**
   * What the master's index says of paths at which this mirror holds something else: as of a snapshot, so that seqs, which
   * have told the wrong thing, do not count; nor does what it said, as of a change, of a path of which it has told since. Deletes are
   * guarded. Resolves how many are wanted now.
   */
  correct(
    entries: ReadonlyArray<{ readonly path: SitePath; readonly master: Present | 'nothing'; readonly asOf: number }>,
  ): number {
    const at = this.#options.now();
    const how = { sameJournal: false, guarded: false };
    let wanted = 0;
    if (entries.length === 0) return wanted;
    this.#transaction(() => {
      for (const { path, master, asOf } of entries) {
        if (this.heard?.isAfter(asOf, path) ?? true) continue;
        if (master === 'nothing')
          this.#inbox.judge({ op: 'delete', at, path, seq: this.#state.cursor }, { ...how, guarded: true });
        else if (master.kind === 'file')
          this.#inbox.judge({ op: 'put', at, path, seq: master.seq, ...content(master) }, how);
        else this.#inbox.judge({ op: 'mkdir', at, path, seq: master.seq }, how);
        if (this.#state.wants.of(path)) wanted += 1;
      }
      // What is being caught up with is judged together with all of it.
      if (!this.#isGathering) this.#decideGuarded({ alone: false });
    });
    return wanted;
  }

  /**
   * A rename that was ordered could not be done: within a transaction, after the index has been set back. What was told since of either
   * name came after it: it moves what stands there, and leaves alone what is wanted.
   */
  expandRename({ from, path, kind, seq, transfer }: RenameOrder): void {
    const standing = this.#state.entriesWithin(from);
    this.#renames.expand({ op: 'rename', from, path, kind, seq, at: this.#options.now() }, transfer, standing);
  }

  #take(told: Change, catchUp: boolean, renameNow: (order: RenameOrder) => boolean): void {
    const change = this.#releases.isOver(told.release) ? { ...told, release: undefined } : told;
    if (change.release) this.#releases.note(change.release);
    this.#inbox.note(change.path);
    this.heard?.note(change.path, change.seq);
    if (change.op === 'rename') {
      this.#renames.take(change, renameNow);
      this.heard?.note(change.from, change.seq);
      return;
    }
    const moved = change.op === 'put' ? this.#moved.releaseOf(change, this.#through) : undefined;
    const release = moved === undefined ? {} : this.#releases.goesOn(moved, change.release);
    this.#inbox.judge({ ...change, ...release }, { sameJournal: true, guarded: catchUp });
  }

  #decideGuarded({ alone }: { readonly alone: boolean }): void {
    decideGuarded(this.#state, this.#options.deleteGuard(), alone).forEach(this.#options.onTransfer);
  }

  #transaction(work: () => void, noted: readonly { clear(): void }[] = []): void {
    try {
      this.#state.store.transaction(work);
    } catch (error) {
      this.#state.reload();
      for (const each of noted) each.clear();
      throw error;
    }
  }
}

function content({ size, mtime, sha256, refs }: Extract<Present, { kind: 'file' }>): Content {
  return refs ? { size, mtime, sha256, refs } : { size, mtime, sha256 };
}
