import type { HookEvent } from '../../../shared/contract/hook-event.ts';
import type { MirrorWatch } from './mirror-watch.ts';

/** What the program of a hook was told: docs/operating.md, `hooks`. */
export class Told<E extends HookEvent['event']> {
  readonly #of: E;
  /** By the ids of events. */
  readonly #bodies = new Map<string, string>();

  constructor(of: E) {
    this.#of = of;
  }

  get count(): number {
    return this.#bodies.size;
  }

  /** The event, where it comes for the first time; or what about it must not be so. */
  heard(body: string): Extract<HookEvent, { event: E }> | string | undefined {
    const event = JSON.parse(body) as HookEvent;
    if (event.event !== this.#of) return `a program is told ${event.event} that wants ${this.#of}`;
    const before = this.#bodies.get(event.id);
    this.#bodies.set(event.id, body);
    if (before !== undefined && before !== body) return `a program is told two events as ${event.id}`;
    return before === undefined ? (event as Extract<HookEvent, { event: E }>) : undefined;
  }
}

/**
 * The program of a mirror's hook purges a cache, say: whatever readers see change has to be told it when they can see that, or later,
 * and never be lost, whatever ends the process in between.
 */
export class ToldChanges {
  readonly #mirror: MirrorWatch;
  readonly #told = new Told('published');
  /** In simulated time: when readers saw a path change, and when it was told. */
  readonly #shownAt = new Map<string, number>();
  /** What they saw change last into a folder: it may have come to be for what is in it, which is told. */
  readonly #folders = new Set<string>();
  readonly #toldAt = new Map<string, number>();

  constructor(mirror: MirrorWatch) {
    this.#mirror = mirror;
  }

  get count(): number {
    return this.#told.count;
  }

  /** What somebody else has made of it, and what comes back after a loss of power, is nothing that became visible. */
  shown(paths: readonly string[], now: number): void {
    for (const path of paths) {
      if (this.#mirror.isForeign(path) || this.#mirror.isPutBack(path)) continue;
      this.#shownAt.set(path, now);
      if (this.#mirror.shown.get(path)?.state.kind === 'dir') this.#folders.add(path);
      else this.#folders.delete(path);
    }
  }

  heard(body: string, now: number): string | undefined {
    const event = this.#told.heard(body);
    if (typeof event !== 'object') return event;
    // What is counted only is not looked at.
    const named = event.changes.flatMap(({ path, from = path }) => [path, from]);
    for (const path of event.total > event.changes.length ? this.#shownAt.keys() : named) this.#toldAt.set(path, now);
    return undefined;
  }

  /** In the end: what was never told since readers saw it change. */
  check(): string[] {
    if (this.#told.count === 0 && this.#shownAt.size === 0) return [];
    return [...this.#shownAt].flatMap(([path, at]) => {
      const isFolder = this.#folders.has(path);
      const of = [...this.#toldAt].filter(
        ([named]) => path === named || path.startsWith(`${named}/`) || (isFolder && named.startsWith(`${path}/`)),
      );
      const last = Math.max(-1, ...of.map(([, told]) => told));
      return last < at ? [`${this.#mirror.name} has told nobody of ${path}, which readers saw change at ${at}`] : [];
    });
  }
}
