import { EventEmitter, once } from 'node:events';
import type { Stats } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { defined } from '../../core/defined.ts';
import { STABLE_MILLIS } from '../compare.ts';

/** Nobody knows when it came: the time of its last change has to say it. */
export const LONG_AGO = Number.NEGATIVE_INFINITY;

/** A path at which something has happened. */
export interface Touched {
  readonly path: SitePath;
  /** What was there then, as `describe` says it. */
  readonly look: string;
  /** When another thing, or other content, may have come under the name, by the steady clock; absent: it is what it was. */
  readonly renewed?: number;
  /** It was written to, or got other rights, in its place. */
  readonly changed?: boolean;
  /** Only because of another name of the same file, which sees to all of them. */
  readonly isTwin?: boolean;
  /** When it was touched first; absent: now. */
  readonly since?: number;
  /** The descriptor by which a program had it open for writing when it was looked at last; see `findWriters`. */
  readonly writer?: string;
}

/** What is written to for longer than `after` is a long copy, and may pause on a slow way: it has to be quiet for longer. */
const LONG = { after: 2_000, quiet: 3_000 };
/** What is written to, or held open for it, for longer is taken as it stands: a log, or a database, has no end. */
export const WRITING_MILLIS_MAX = 3_600_000;

/** One that has been quiet for long enough. */
export interface Taken extends Touched {
  readonly since: number;
}

interface Waiting extends Taken {
  readonly due: number;
}

/**
 * Paths at which something has happened, each until it has been quiet for `STABLE_MILLIS`, or `LONG.quiet`, and nobody has it open
 * for writing any more, as far as that can be seen.
 */
export class Settling {
  /** Each in the order of `due`: whatever is touched goes to the end. */
  readonly #short = new Map<SitePath, Waiting>();
  readonly #long = new Map<SitePath, Waiting>();
  /** Quiet, and open for writing: looked at again and again, as nothing says that a file was closed. */
  readonly #open = new Map<SitePath, Waiting>();
  readonly #queues = [this.#long, this.#short, this.#open];
  readonly #events = new EventEmitter();

  /** `now`, here and below: by the steady clock, whatever is done to the other one. */
  touch({ path, look, renewed, changed, isTwin = false, since: first }: Touched, now: number): void {
    const before = this.#short.get(path) ?? this.#long.get(path) ?? this.#open.get(path);
    const since = Math.min(before?.since ?? now, first ?? now);
    // What was written to has looked otherwise, though in the end it may have the size and the time of before.
    const written = before && before.look !== look ? now : undefined;
    const touched = {
      path,
      look,
      since,
      isTwin,
      changed: changed === true || before?.changed === true,
      ...defined({ renewed: latest(renewed, before?.renewed, written) }),
    };
    // It keeps its turn: otherwise what never pauses would never have one.
    if (before && isOverdue(before, now)) return void this.#queueOf(path)?.set(path, { ...before, ...touched });
    this.#queueOf(path)?.delete(path);
    const isLong = now - since > LONG.after;
    (isLong ? this.#long : this.#short).set(path, { ...touched, due: now + (isLong ? LONG.quiet : STABLE_MILLIS) });
    this.#events.emit('touched');
  }

  has(path: SitePath): boolean {
    return this.#queueOf(path) !== undefined;
  }

  /** It is quiet, and `writer` has it open. */
  hold(touched: Taken & { readonly writer: string }, now: number): void {
    // Something has happened to it meanwhile.
    if (this.has(touched.path)) return this.touch(touched, now);
    this.#open.set(touched.path, { ...touched, due: now + STABLE_MILLIS });
    this.#events.emit('touched');
  }

  /** Something touched by then has to stand still for a moment, and no more is known of it: it is not written to for long, nor open. */
  isDueBy(then: number): boolean {
    for (const { since } of this.#short.values()) if (since <= then) return true;
    return false;
  }

  /** Files that have been written to again and again, or open for it, since then or longer. */
  writing(since: number): Taken[] {
    return [this.#long, this.#open].flatMap((queue) =>
      [...queue.values()].filter((each) => each.since <= since && isFile(each)),
    );
  }

  /** It is to be taken as it stands. False: it is not among them. */
  release(path: SitePath): boolean {
    const waiting = this.#long.get(path) ?? this.#open.get(path);
    if (!waiting) return false;
    this.#queueOf(path)?.delete(path);
    this.#short.set(path, { ...waiting, since: Number.NEGATIVE_INFINITY, due: 0 });
    this.#events.emit('touched');
    return true;
  }

  #queueOf(path: SitePath): Map<SitePath, Waiting> | undefined {
    return this.#queues.find((queue) => queue.has(path));
  }

  /** Takes up to `limit` paths that have been quiet for long enough. */
  take(now: number, limit: number): Taken[] {
    const taken: Taken[] = [];
    for (const paths of this.#queues)
      for (const touched of paths.values()) {
        if (touched.due > now || taken.length === limit) break;
        paths.delete(touched.path);
        taken.push(touched);
      }
    return taken;
  }

  /** Resolves when there is something to take. */
  async due(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#queues.every(({ size }) => size === 0)) await once(this.#events, 'touched', { signal });
    const next = Math.min(...this.#queues.flatMap((paths) => paths.values().next().value?.due ?? []));
    await sleep(Math.min(STABLE_MILLIS, Math.max(0, next - performance.now())), undefined, { signal });
  }
}

/** It has been written to for so long that it is taken as it stands. */
export function isOverdue({ since }: Taken, now: number): boolean {
  return now - since >= WRITING_MILLIS_MAX;
}

function latest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function isFile({ look }: Touched): boolean {
  return look !== 'folder' && look !== 'nothing';
}

/** Two looks that read the same: the thing has not changed in between. Links and special files are not there for anybody. */
export function describe(info: Stats | undefined): string {
  if (info?.isDirectory()) return 'folder';
  return info?.isFile() ? `${info.size} ${info.mtimeMs}` : 'nothing';
}
