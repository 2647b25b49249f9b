import type { TreeRow } from '../../../shared/contract/site-tree.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import type { Bridge } from '../../bridge/bridge.ts';
import { createAsker } from '../../ui/asker.ts';
import { Listing } from './listing.ts';

/** One line of the screen. */
export type Line =
  | {
      readonly is: 'row';
      readonly key: string;
      readonly row: TreeRow;
      readonly depth: number;
      /** Of a folder in a tree. */
      readonly isOpen: boolean | undefined;
    }
  /** Here it goes on: with what is in `folder`, '' the root, or with what is looked for. */
  | {
      readonly is: 'more';
      readonly key: string;
      readonly folder: string;
      readonly depth: number;
      readonly error: ErrorJson | undefined;
    }
  | { readonly is: 'empty'; readonly key: string; readonly folder: string; readonly depth: number };

export type Wanted = { readonly glob: string } | { readonly part: string };

/** More than fit on a screen, few enough to come at once. */
const PAGE = 300;
/** Of those that follow, more. */
const NEXT_PAGE = 1000;
/** Of the tree each status is a reason to look again; a large page is some work. */
const PAUSE_MILLIS = 1000;

/** The folders that a person has opened, one listing each; or, where something is `wanted`, what was found. */
export class TreeModel {
  readonly #bridge: Bridge;
  readonly #site: string;
  readonly wanted: Wanted | undefined;
  readonly #listings = new Map<string, Listing>();
  readonly #open = new Set<string>(['']);
  readonly #listeners = new Set<() => void>();
  readonly #asker = createAsker(() => this.#refresh(), PAUSE_MILLIS);
  #lines: readonly Line[] = [];
  #seen: readonly [first: number, last: number] = [0, 0];

  constructor(bridge: Bridge, site: string, wanted: Wanted | undefined) {
    this.#bridge = bridge;
    this.#site = site;
    this.wanted = wanted;
    this.#listing('');
    this.#draw();
  }

  lines = (): readonly Line[] => this.#lines;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Opens a folder, or shuts it. */
  toggle(path: string, open = !this.#open.has(path)): void {
    if (open) {
      this.#open.add(path);
      this.#listing(path);
    } else this.#open.delete(path);
    this.#draw();
  }

  /** Opens the folders above a path, and reads until it is among the lines; false: it is not there. */
  async reveal(path: string): Promise<boolean> {
    const segments = path.split('/');
    for (let depth = 0; depth < segments.length; depth += 1) {
      const folder = segments.slice(0, depth).join('/');
      const child = segments.slice(0, depth + 1).join('/');
      this.#open.add(folder);
      const listing = this.#listing(folder);
      while (!listing.rows.some((row) => row.path === child)) {
        if (listing.is !== 'more') return false;
        await listing.more();
      }
    }
    this.#draw();
    return true;
  }

  more(folder: string): void {
    void this.#listing(folder).more();
  }

  /** The lines that the person sees. */
  see(first: number, last: number): void {
    this.#seen = [first, last];
    for (const line of this.#lines.slice(first, last + 1))
      if (line.is === 'more' && line.error === undefined) this.more(line.folder);
  }

  /** Something has changed at the engine. */
  changed(): void {
    this.#asker.ask();
  }

  stop(): void {
    this.#asker.stop();
    for (const listing of this.#listings.values()) listing.stop();
  }

  #listing(folder: string): Listing {
    const known = this.#listings.get(folder);
    if (known) return known;
    const { wanted } = this;
    const read = (after: string | undefined) => {
      const base = { site: this.#site, limit: after === undefined ? PAGE : NEXT_PAGE };
      const more = after === undefined ? {} : { after };
      return wanted
        ? this.#bridge.call('site.find', { ...base, ...wanted, ...more })
        : this.#bridge.call('site.browse', { ...base, folder, ...more });
    };
    const listing = new Listing(read, () => this.#draw());
    this.#listings.set(folder, listing);
    return listing;
  }

  /** What is on the screen may stand otherwise by now. Of folders that are shut nothing is kept: they are read anew when they are opened. */
  async #refresh(): Promise<void> {
    for (const [folder, listing] of this.#listings) {
      if (this.#open.has(folder)) continue;
      listing.stop();
      this.#listings.delete(folder);
    }
    const seen = new Map<string, [first: number, last: number]>();
    for (const line of this.#lines.slice(this.#seen[0], this.#seen[1] + 1)) {
      if (line.is !== 'row') continue;
      const folder = this.wanted ? '' : parentOf(line.row.path);
      const at = this.#listings.get(folder)?.rows.findIndex(({ path }) => path === line.row.path) ?? -1;
      if (at < 0) continue;
      const [first, last] = seen.get(folder) ?? [at, at];
      seen.set(folder, [Math.min(first, at), Math.max(last, at)]);
    }
    // An empty folder may hold something by now.
    for (const line of this.#lines) if (line.is === 'empty') seen.set(line.folder, [0, 0]);
    try {
      for (const [folder, [first, last]] of seen) await this.#listings.get(folder)?.refresh(first, last);
    } catch {
      // The engine went away; when it is back there is a new revision, and with it another try.
    }
  }

  #draw(): void {
    const lines: Line[] = [];
    const add = (folder: string, depth: number): void => {
      const listing = this.#listing(folder);
      const { rows, is, error } = listing;
      for (const row of rows) {
        const isFolder = row.kind === 'dir' && !this.wanted;
        const isOpen = isFolder && this.#open.has(row.path);
        lines.push({ is: 'row', key: row.path, row, depth, isOpen: isFolder ? isOpen : undefined });
        if (isOpen) add(row.path, depth + 1);
      }
      if (is !== 'end') lines.push({ is: 'more', key: `${folder}//more`, folder, depth, error });
      else if (rows.length === 0) lines.push({ is: 'empty', key: `${folder}//empty`, folder, depth });
    };
    add('', 0);
    this.#lines = lines;
    for (const listener of this.#listeners) listener();
  }
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
