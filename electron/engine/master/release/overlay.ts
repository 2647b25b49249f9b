import type { Content, Millis } from '../../../../shared/domain/change.ts';
import { parentOf, ROOT, type SitePath } from '../../../../shared/domain/site-path.ts';

/** What the tree holds at a path. */
export type Standing = 'file' | 'dir' | 'none';

/** A file in the incoming folder. */
export interface Staged {
  readonly name: string;
  /** The published file that it may be another name of: its time must not be set. Undefined: none. */
  readonly shared: SitePath | undefined;
}

/** What a path holds in a release. `over`: what the tree held there when the release first had to do with it. */
export type Node =
  /** `staged` null: what stands in the tree, with another time. */
  | { readonly kind: 'file'; readonly over: Standing; readonly content: Content; readonly staged: Staged | null }
  | { readonly kind: 'dir'; readonly over: Standing; readonly mtime: Millis }
  | { readonly kind: 'gone'; readonly over: Standing };

/** The paths at which a release differs from the tree. */
export class Overlay {
  readonly #nodes = new Map<SitePath, Node>();
  readonly #children = new Map<SitePath, Set<SitePath>>();

  get size(): number {
    return this.#nodes.size;
  }

  get(path: SitePath): Node | undefined {
    return this.#nodes.get(path);
  }

  /** In the order of their paths: a folder before what is in it. */
  entries(): [SitePath, Node][] {
    return [...this.#nodes].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Paths right below `folder` that the release has to do with. */
  below(folder: SitePath): SitePath[] {
    return [...(this.#children.get(folder) ?? [])];
  }

  set(path: SitePath, node: Node): void {
    this.#nodes.set(path, node);
    const folder = parentOf(path);
    const siblings = this.#children.get(folder);
    if (siblings) siblings.add(path);
    else this.#children.set(folder, new Set([path]));
  }

  drop(path: SitePath): void {
    this.#nodes.delete(path);
    const folder = parentOf(path);
    const siblings = this.#children.get(folder);
    siblings?.delete(path);
    if (siblings?.size === 0) this.#children.delete(folder);
  }

  /** True when a folder above is gone in the release, or is a file: whatever the tree holds at `path` is not to be seen. */
  hides(path: SitePath): boolean {
    for (let above = path; above !== ROOT; ) {
      above = parentOf(above);
      const kind = this.#nodes.get(above)?.kind;
      if (kind === 'gone' || kind === 'file') return true;
    }
    return false;
  }
}
