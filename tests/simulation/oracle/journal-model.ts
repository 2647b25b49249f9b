import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** What stands at a path after a change; `gone`: nothing. */
export type State =
  | { readonly kind: 'file'; readonly sha256: string; readonly size: number; readonly mtime: number }
  | { readonly kind: 'dir' }
  | { readonly kind: 'gone' };

export interface Version {
  readonly seq: number;
  readonly state: State;
  /** The release that it came with: the seq of its last change. */
  readonly release: number | undefined;
}

export interface Row {
  readonly seq: number;
  readonly op: string;
  readonly path: string;
  readonly from: string | undefined;
  readonly kind: string | undefined;
  readonly content: Extract<State, { kind: 'file' }> | undefined;
  readonly account: string;
  readonly release: number | undefined;
}

const GONE: State = { kind: 'gone' };

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
  readonly #file: string;
  #database: DatabaseSync | undefined;
  #read: StatementSync | undefined;
  /** How to take the last rows back. */
  readonly #undo: (() => void)[] = [];

  constructor(file: string, site: string) {
    this.#file = file;
    this.site = site;
  }

  get head(): number {
    return this.rows.at(-1)?.seq ?? 0;
  }

  row(seq: number): Row | undefined {
    return this.rows[seq - 1];
  }

  /** Reads what was journalled since, and takes back what the master took back. */
  update(): Row[] {
    this.#database ??= new DatabaseSync(this.#file, { readOnly: true });
    this.#read ??= this.#database.prepare(
      `SELECT j.*, s.seq AS head FROM site s LEFT JOIN journal j ON j.site = s.id AND j.seq > ? WHERE s.name = ? ORDER BY j.seq`,
    );
    const found = this.#read.all(this.head, this.site);
    const head = Number(found[0]?.['head'] ?? 0);
    while (this.head > head) this.#undo.pop()?.();
    const rows = found.filter((row) => row['seq'] !== null).map(toRow);
    for (const row of rows) this.#apply(row);
    return rows;
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
    this.#read = undefined;
  }

  #apply(row: Row): void {
    if (row.seq !== this.head + 1) throw new Error(`the journal has no row ${this.head + 1} before ${row.seq}`);
    this.rows.push(row);
    const undo: (() => void)[] = [];
    const set = (path: string, state: State): void => {
      const before = this.tree.get(path);
      if (state.kind === 'gone') this.tree.delete(path);
      else this.tree.set(path, state);
      const versions = this.history.get(path) ?? [];
      this.history.set(path, versions);
      versions.push({ seq: row.seq, state, release: row.release });
      undo.push(() => {
        versions.pop();
        if (before) this.tree.set(path, before);
        else this.tree.delete(path);
      });
    };
    this.#change(row, set);
    this.#undo.push(() => {
      this.rows.pop();
      for (const step of undo.toReversed()) step();
    });
  }

  #change(row: Row, set: (path: string, state: State) => void): void {
    const { path, from, content } = row;
    const parents = (): void => {
      for (let folder = parentOf(path); folder !== ''; folder = parentOf(folder))
        if (this.tree.get(folder)?.kind !== 'dir') set(folder, { kind: 'dir' });
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
        for (const below of this.below(path)) set(below, GONE);
        return set(path, GONE);
      case 'rename': {
        const moved = row.kind === 'dir' ? this.below(from ?? '') : [];
        const states = moved.map((each) => [each, this.tree.get(each) ?? GONE] as const);
        const own = content ?? this.tree.get(from ?? '') ?? GONE;
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

  below(folder: string): string[] {
    return [...this.tree.keys()].filter((path) => path.startsWith(`${folder}/`)).sort();
  }
}

export function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

function toRow(row: Record<string, unknown>): Row {
  const { seq, op, path, origin, kind, size, mtime, sha256, account, release } = row;
  return {
    seq: Number(seq),
    op: textOf(op) ?? '',
    path: textOf(path) ?? '',
    from: textOf(origin),
    kind: textOf(kind),
    content:
      sha256 === null
        ? undefined
        : { kind: 'file', size: Number(size), mtime: Number(mtime), sha256: textOf(sha256) ?? '' },
    account: textOf(account) ?? '',
    release: release === null ? undefined : Number(release),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
