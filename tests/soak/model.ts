/** What a path holds: the SHA-256 of its content, or ABSENT. */
export type Held = string;
export const ABSENT = 'absent';

/** One operation of one client: all of it happens, or nothing. */
interface Operation {
  readonly what: string;
  readonly before: ReadonlyMap<string, Held>;
  readonly after: ReadonlyMap<string, Held>;
}

/** An operation under way. One of the three is called, once. */
export interface Pending {
  /** The server has promised it. */
  done(): void;
  /** The server has refused it: nothing has changed. */
  refused(): void;
  /** The client was cut off before it was answered. */
  unknown(): void;
}

/**
 * What the site must hold, by what clients were told. Paths of an operation whose outcome is not known are left alone
 * until it is seen which of the two happened.
 */
export class Model {
  readonly #held = new Map<string, Held>();
  readonly #busy = new Set<string>();
  #open: { readonly operation: Operation; readonly since: number }[] = [];
  /** Each put that was answered with 226: it must stand in the journal. */
  readonly promised: { readonly path: string; readonly hash: Held }[] = [];
  readonly faults = new Set<string>();

  held(path: string): Held {
    return this.#held.get(path) ?? ABSENT;
  }

  isBusy(path: string): boolean {
    return this.#busy.has(path);
  }

  /** Paths that hold something, for sure. */
  present(): string[] {
    return [...this.#held.keys()].filter((path) => !this.#busy.has(path));
  }

  get unknown(): number {
    return this.#open.length;
  }

  begin(what: string, after: ReadonlyMap<string, Held>): Pending {
    const before = new Map([...after.keys()].map((path) => [path, this.held(path)]));
    for (const path of after.keys()) {
      if (this.#busy.has(path)) throw new Error(`${path} is changed by two at once`);
      this.#busy.add(path);
    }
    const operation = { what, before, after };
    return {
      done: () => this.#settle(operation, after),
      refused: () => this.#settle(operation, before),
      unknown: () => void this.#open.push({ operation, since: performance.now() }),
    };
  }

  /** A 226: the content is promised, whatever becomes of the path later. */
  promise(path: string, hash: Held): void {
    this.promised.push({ path, hash });
  }

  /** Looks which outcome there was, of operations that are open for at least so many milliseconds. */
  async resolve(look: (path: string) => Promise<Held>, millis: number): Promise<void> {
    const due = this.#open.filter(({ since }) => performance.now() - since >= millis);
    this.#open = this.#open.filter((each) => !due.includes(each));
    for (const { operation } of due) {
      const found = new Map<string, Held>();
      for (const path of operation.after.keys()) found.set(path, await look(path));
      const is = (state: ReadonlyMap<string, Held>): boolean =>
        [...state].every(([path, held]) => found.get(path) === held);
      if (!is(operation.before) && !is(operation.after))
        this.faults.add(`${operation.what} was cut off, and is neither done nor undone: ${show(found)}`);
      this.#settle(operation, found);
    }
  }

  /** What differs from what must be there, of all paths that were ever used. */
  async compare(look: (path: string) => Promise<Held>): Promise<string[]> {
    const wrong: string[] = [];
    for (const [path, held] of this.#held) {
      const found = await look(path);
      if (found !== held) wrong.push(`${path} must hold ${short(held)} and holds ${short(found)}`);
    }
    return wrong;
  }

  /** All that must be there, for sure. */
  files(): string[] {
    return [...this.#held].filter(([, held]) => held !== ABSENT).map(([path]) => path);
  }

  #settle({ after }: Operation, state: ReadonlyMap<string, Held>): void {
    for (const path of after.keys()) {
      this.#held.set(path, state.get(path) ?? ABSENT);
      this.#busy.delete(path);
    }
  }
}

function show(found: ReadonlyMap<string, Held>): string {
  return [...found].map(([path, held]) => `${path} holds ${short(held)}`).join(', ');
}

function short(held: Held): string {
  return held.slice(0, 12);
}
