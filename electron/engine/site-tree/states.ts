import { errorJson } from '../../../shared/contract/primitives.ts';
import { type FileState, fileStates } from '../../../shared/contract/site-tree.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { errorCodes } from '../../../shared/errors/codes.ts';

/** How what the index holds stands at the mirrors: of one page of it, as of one moment. */
export interface TreeStates {
  file(row: { readonly path: SitePath; readonly seq: number }): FileStanding;
  /** The worst of what is outstanding in a folder. */
  folder(path: SitePath): FileState;
}

export interface FileStanding {
  readonly state: FileState;
  readonly has: number;
  readonly of: number;
  readonly leaving?: boolean;
}

/** The worst of several; of none: nobody is to have it. */
export function worstOf(states: Iterable<FileState>): FileState {
  const all = new Set(states);
  return fileStates.find((state) => all.has(state)) ?? 'not-wanted';
}

/** What is here and not shown: it waits for what belongs to it, or for a person, as the reason says (the column `error`). */
export function waitsOrHeld(error: unknown): FileState {
  const reason = typeof error === 'string' ? errorJson.safeParse(JSON.parse(error)).data : undefined;
  return reason && errorCodes[reason.code] === 'never' ? 'held' : 'waiting';
}

/** Items whose paths lie below one folder, found by their order. */
export class ByPath<T extends { readonly path: SitePath }> {
  readonly #items: readonly T[];

  constructor(items: readonly T[]) {
    this.#items = items.toSorted((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0));
  }

  *below(folder: SitePath): Generator<T> {
    const start = `${folder}/`;
    let [low, high] = [0, this.#items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#items[middle]?.path ?? '') < start) low = middle + 1;
      else high = middle;
    }
    for (let at = low; this.#items[at]?.path.startsWith(start); at += 1) {
      const item = this.#items[at];
      if (item) yield item;
    }
  }
}
