import { compileGlob, type Route } from './routes.ts';

/** What other routes would mean for the files that are there. */
export interface RouteChange {
  readonly files: number;
  readonly mirrors: readonly {
    readonly mirror: string;
    /** Files that it gets by the routes of now, and no more by the others; and the other way round. */
    readonly loses: number;
    readonly gains: number;
    /** Files that it gets by the other routes. */
    readonly gets: number;
  }[];
  /** Files that go to a mirror now, and to none any more. */
  readonly nobody: number;
  /** A few of what some mirror loses. */
  readonly examples: readonly string[];
}

const EXAMPLES = 5;

/** Compares two lists of routes, file by file: `add` each, then look at the `result`. */
export class RouteComparison {
  readonly #mirrors: readonly string[];
  readonly #before: Deciding;
  readonly #after: Deciding;
  /** Files by the two routes that decide, before and after. */
  readonly #counts = new Map<string, { before: number; after: number; files: number; example: string }>();

  constructor(before: readonly Route[], after: readonly Route[], mirrors: readonly string[]) {
    this.#mirrors = mirrors;
    this.#before = new Deciding(before);
    this.#after = new Deciding(after);
  }

  add(path: string): void {
    const [before, after] = [this.#before.by(path), this.#after.by(path)];
    const key = `${before} ${after}`;
    const counted = this.#counts.get(key);
    if (counted) counted.files += 1;
    else this.#counts.set(key, { before, after, files: 1, example: path });
  }

  get result(): RouteChange {
    const pairs = [...this.#counts.values()];
    const sum = (of: (pair: (typeof pairs)[number]) => boolean): number =>
      pairs.reduce((total, pair) => total + (of(pair) ? pair.files : 0), 0);
    const had = (mirror: string, { before }: { before: number }): boolean => this.#before.gives(before, mirror);
    const has = (mirror: string, { after }: { after: number }): boolean => this.#after.gives(after, mirror);
    const some = (test: (mirror: string) => boolean): boolean => this.#mirrors.some(test);
    return {
      files: sum(() => true),
      mirrors: this.#mirrors.map((mirror) => ({
        mirror,
        loses: sum((pair) => had(mirror, pair) && !has(mirror, pair)),
        gains: sum((pair) => !had(mirror, pair) && has(mirror, pair)),
        gets: sum((pair) => has(mirror, pair)),
      })),
      nobody: sum((pair) => some((mirror) => had(mirror, pair)) && !some((mirror) => has(mirror, pair))),
      examples: pairs
        .filter((pair) => some((mirror) => had(mirror, pair) && !has(mirror, pair)))
        .slice(0, EXAMPLES)
        .map(({ example }) => example),
    };
  }
}

/** Which of the routes decides a path. */
class Deciding {
  readonly #routes: readonly { readonly matches: (path: string) => boolean; readonly mirrors: Route['mirrors'] }[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map(({ glob, mirrors }) => ({ matches: compileGlob(glob), mirrors }));
  }

  /** Its place; -1: none. */
  by(path: string): number {
    return this.#routes.findIndex(({ matches }) => matches(path));
  }

  gives(place: number, mirror: string): boolean {
    // Without routes every mirror gets everything.
    if (this.#routes.length === 0) return true;
    const mirrors = this.#routes[place]?.mirrors;
    return mirrors === 'all' || (mirrors?.includes(mirror) ?? false);
  }
}
