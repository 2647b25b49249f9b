import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { LOCAL_USER } from '../../../electron/engine/master/own-logins.ts';

/** What stands at a path after a change; `gone`: nothing. */
export type State =
  | { readonly kind: 'file'; readonly sha256: string; readonly size: number; readonly mtime: number }
  | { readonly kind: 'dir' }
  | { readonly kind: 'gone' };

export interface Version {
  /** The oracle's number of the change: see `Row`. */
  readonly seq: number;
  readonly state: State;
  /** The release that it came with: the seq of its last change. */
  readonly release: number | undefined;
}

export interface Row {
  /** The oracle's own number: that of the journal, as long as no older journal was put back; unlike it, it is never given twice. */
  readonly seq: number;
  readonly op: string;
  readonly path: string;
  readonly from: string | undefined;
  readonly kind: string | undefined;
  readonly content: Extract<State, { kind: 'file' }> | undefined;
  readonly account: string;
  readonly release: number | undefined;
}

/** The account of all publishers. */
export const PUBLISHER = 'editor';
/** Of those who publish folders from other machines. */
export const DROPPER = 'dropper';
/** What they have done, and who publishes folders of the master's machine, is promised. */
const PROMISED: ReadonlySet<string> = new Set([PUBLISHER, DROPPER, LOCAL_USER]);

export const GONE: State = { kind: 'gone' };

/** What was at a path before. */
type Undo = readonly [string, State | undefined];

/** What a row of the journal has changed. */
interface Made {
  readonly row: Row;
  readonly now: Undo[];
  readonly promised: Undo[];
  /** They have a version more. */
  readonly paths: string[];
}

/**
 * The oracle's own idea of what one site of a master was and is: each row of its journal, applied to a tree by nothing but the
 * meaning of the words put, delete, rename, mkdir and rmdir.
 */
export class JournalModel {
  readonly site: string;
  /** What is there. */
  readonly tree = new Map<string, State>();
  /** All that ever was at a path, in the order of the journal. */
  readonly history = new Map<string, Version[]>();
  readonly rows: Row[] = [];
  /** What was promised is there: what publishers have done, whatever became of the journal since. */
  readonly promised = new Map<string, State>();
  readonly #file: string;
  #database: DatabaseSync | undefined;
  #read: StatementSync | undefined;
  #readShown: StatementSync | undefined;
  #readRelease: StatementSync | undefined;
  #shown: ReadonlySet<string> = new Set();
  #floor = 0;
  /** What the rows that the journal holds have changed: how to take the last ones back. */
  readonly #made: Made[] = [];
  /** By how much the oracle's numbers are ahead of the journal's, since each time that an older journal was put back. */
  readonly #ahead = [0];
  /** Rows that an older journal does not hold: from the one number to before the other. */
  readonly #lost: (readonly [number, number])[] = [];

  constructor(file: string, site: string) {
    this.#file = file;
    this.site = site;
  }

  /** As the journal counts. */
  get head(): number {
    return this.#made.length;
  }

  /** How often an older journal was put back. */
  get era(): number {
    return this.#ahead.length - 1;
  }

  row(seq: number): Row | undefined {
    return this.rows[seq - 1];
  }

  /** The row that somebody was told of, by the journal's number. */
  rowTold(seq: number, era: number): Row | undefined {
    return this.row(seq + (this.#ahead[era] ?? 0));
  }

  /** It was journalled, and the journal was put back to before it. */
  isLost(seq: number): boolean {
    return this.#lost.some(([from, end]) => seq >= from && seq < end);
  }

  /** The journal does not hold all any more: a mirror that has not heard of what is missing gets a snapshot. */
  get isTrimmed(): boolean {
    return this.#floor > 0;
  }

  /** A release that the master knows no more: it was committed longer ago than is kept. Of a journal that is trimmed. */
  isForgotten(release: number): boolean {
    return this.nameOfRelease(release) === undefined;
  }

  /** Undefined: the master knows it no more. */
  nameOfRelease(release: number): string | undefined {
    const id = release - (this.#ahead.at(-1) ?? 0);
    this.#readRelease ??= this.#database?.prepare(
      'SELECT r.name FROM release r JOIN site s ON s.id = r.site WHERE s.name = ? AND r.id = ?',
    );
    return textOf(this.#readRelease?.get(this.site, id)?.['name']);
  }

  /** Reads what was journalled since, and takes back what the master took back. */
  update(): Row[] {
    const found = this.#readAfter(this.head);
    const head = Number(found[0]?.['head'] ?? 0);
    this.#floor = Number(found[0]?.['floor'] ?? 0);
    while (this.head > head) {
      if (this.isLost(this.rows.length)) throw new Error('a journal that was put back takes back what it held');
      this.#takeBack();
      this.rows.pop();
    }
    const rows = found.filter((row) => row['seq'] !== null).map((row) => toRow(row, this.#ahead.at(-1) ?? 0));
    for (const row of rows) this.#apply(row);
    return rows;
  }

  /** Of each release the mirrors that show it, as the master has noted since it was last asked. Not of a journal that was put back. */
  newlyShown(): { readonly release: number; readonly mirror: string }[] {
    if (!this.#database || this.era > 0) return [];
    this.#readShown ??= this.#database.prepare(
      `SELECT r.release, p.name FROM release_peer r JOIN site s ON s.id = r.site JOIN peer p ON p.id = r.peer
        WHERE s.name = ? AND r.published_at IS NOT NULL`,
    );
    const found = this.#readShown.all(this.site).map((row) => ({
      release: Number(row['release']),
      mirror: textOf(row['name']) ?? '',
    }));
    const news = found.filter(({ release, mirror }) => !this.#shown.has(`${release} ${mirror}`));
    this.#shown = new Set(found.map(({ release, mirror }) => `${release} ${mirror}`));
    return news;
  }

  /** The database is another one, an older copy. What it does not hold has been, all the same. */
  putBack(): void {
    this.close();
    const held = this.#readAfter(0);
    let same = 0;
    while (isRow(this.#made[same]?.row, held[same])) same += 1;
    this.#lost.push([this.#made[same]?.row.seq ?? this.rows.length + 1, this.rows.length + 1]);
    while (this.head > same) this.#takeBack('now');
    this.#ahead.push(this.rows.length - same);
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
    this.#read = undefined;
    this.#readShown = undefined;
    this.#readRelease = undefined;
  }

  #readAfter(seq: number): Record<string, unknown>[] {
    this.#database ??= new DatabaseSync(this.#file, { readOnly: true });
    this.#read ??= this.#database.prepare(
      `SELECT j.*, s.seq AS head, s.floor FROM site s LEFT JOIN journal j ON j.site = s.id AND j.seq > ? WHERE s.name = ? ORDER BY j.seq`,
    );
    return this.#read.all(seq, this.site);
  }

  #apply(row: Row): void {
    if (row.seq !== this.rows.length + 1)
      throw new Error(`the journal has no row ${this.rows.length + 1} before ${row.seq}`);
    this.rows.push(row);
    const made: Made = { row, now: [], promised: [], paths: [] };
    this.#made.push(made);
    const put = (tree: Map<string, State>, undo: Undo[], path: string, state: State): void => {
      undo.push([path, tree.get(path)]);
      if (state.kind === 'gone') tree.delete(path);
      else tree.set(path, state);
    };
    change(row, this.tree, (path, state) => {
      put(this.tree, made.now, path, state);
      const versions = this.history.get(path) ?? [];
      this.history.set(path, versions);
      versions.push({ seq: row.seq, state, release: row.release });
      made.paths.push(path);
    });
    if (PROMISED.has(row.account))
      change(row, this.promised, (path, state) => put(this.promised, made.promised, path, state), this.era > 0);
  }

  /** Of the last row; `now`: of what is there now, and it has been. */
  #takeBack(what: 'all' | 'now' = 'all'): void {
    const made = this.#made.pop();
    if (!made) throw new Error('nothing is journalled');
    takeBack(this.tree, made.now);
    if (what === 'now') return;
    takeBack(this.promised, made.promised);
    for (const path of made.paths) this.history.get(path)?.pop();
  }
}

function takeBack(tree: Map<string, State>, undo: readonly Undo[]): void {
  for (const [path, before] of undo.toReversed()) {
    if (before) tree.set(path, before);
    else tree.delete(path);
  }
}

/** `isPutBack`: by a journal that was put back. */
function change(
  row: Row,
  tree: ReadonlyMap<string, State>,
  set: (path: string, state: State) => void,
  isPutBack = false,
): void {
  const { path, from, content } = row;
  const parents = (): void => {
    for (let folder = parentOf(path); folder !== ''; folder = parentOf(folder))
      if (tree.get(folder)?.kind !== 'dir') set(folder, { kind: 'dir' });
  };
  switch (row.op) {
    case 'put':
      parents();
      return set(path, content ?? GONE);
    case 'mkdir':
      parents();
      return set(path, { kind: 'dir' });
    case 'delete':
    case 'rmdir':
      // It may take a folder for the file that was there before: what is in the folder stays.
      if (row.op === 'delete' && isPutBack && tree.get(path)?.kind === 'dir') return;
      for (const each of below(tree, path)) set(each, GONE);
      return set(path, GONE);
    case 'rename': {
      const moved = row.kind === 'dir' ? below(tree, from ?? '') : [];
      const states = moved.map((each) => [each, tree.get(each) ?? GONE] as const);
      const own = content ?? tree.get(from ?? '') ?? GONE;
      for (const [each] of states) set(each, GONE);
      set(from ?? '', GONE);
      parents();
      set(path, own);
      for (const [each, state] of states) set(path + each.slice(from?.length), state);
      return;
    }
    case 'rules':
      return;
    default:
      throw new Error(`the journal has ${row.op}`);
  }
}

function below(tree: ReadonlyMap<string, State>, folder: string): string[] {
  return [...tree.keys()].filter((path) => path.startsWith(`${folder}/`)).sort();
}

export function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

function toRow(row: Record<string, unknown>, ahead: number): Row {
  const { seq, op, path, origin, kind, size, mtime, sha256, account, release } = row;
  return {
    seq: Number(seq) + ahead,
    op: textOf(op) ?? '',
    path: textOf(path) ?? '',
    from: textOf(origin),
    kind: textOf(kind),
    content:
      sha256 === null
        ? undefined
        : { kind: 'file', size: Number(size), mtime: Number(mtime), sha256: textOf(sha256) ?? '' },
    account: textOf(account) ?? '',
    release: release === null ? undefined : Number(release) + ahead,
  };
}

/** They are the same, but for the numbers that the oracle gives. */
function isRow(known: Row | undefined, row: Record<string, unknown> | undefined): boolean {
  if (!known || !row || row['seq'] === null) return false;
  return JSON.stringify(known) === JSON.stringify(toRow(row, known.seq - Number(row['seq'])));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
