import { EventEmitter, once } from 'node:events';
import type { Stats } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { STABLE_MILLIS } from '../compare.ts';

/** A path at which something has happened. */
export interface Touched {
  readonly path: SitePath;
  /** What was there then, as `describe` says it. */
  readonly look: string;
  /** Another thing may have taken the name. */
  readonly replaced: boolean;
  /** When it was touched first; absent: now. */
  readonly since?: number;
}

/** What is written to for longer than `after` is a long copy, and may pause on a slow way: it has to be quiet for longer. */
const LONG = { after: 2_000, quiet: 3_000 };

interface Waiting extends Touched {
  readonly since: number;
  readonly due: number;
}

/** Paths at which something has happened, each until it has been quiet for `STABLE_MILLIS`, or `LONG.quiet`. */
export class Settling {
  /** Each in the order of `due`: whatever is touched goes to the end. */
  readonly #short = new Map<SitePath, Waiting>();
  readonly #long = new Map<SitePath, Waiting>();
  readonly #events = new EventEmitter();

  /** `now`, here and below: by the steady clock, whatever is done to the other one. */
  touch({ path, look, replaced, since: first }: Touched, now: number): void {
    const before = this.#short.get(path) ?? this.#long.get(path);
    this.#short.delete(path);
    this.#long.delete(path);
    const since = before?.since ?? first ?? now;
    const isLong = now - since > LONG.after;
    const due = now + (isLong ? LONG.quiet : STABLE_MILLIS);
    const waiting = { path, look, replaced: replaced || before?.replaced === true, since, due };
    (isLong ? this.#long : this.#short).set(path, waiting);
    this.#events.emit('touched');
  }

  /** Takes up to `limit` paths that have been quiet for long enough. */
  take(now: number, limit: number): Touched[] {
    const taken: Touched[] = [];
    for (const paths of [this.#long, this.#short])
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
    if (this.#short.size + this.#long.size === 0) await once(this.#events, 'touched', { signal });
    const next = Math.min(...[this.#short, this.#long].flatMap((paths) => paths.values().next().value?.due ?? []));
    await sleep(Math.min(STABLE_MILLIS, Math.max(0, next - performance.now())), undefined, { signal });
  }
}

/** Two looks that read the same: the thing has not changed in between. Links and special files are not there for anybody. */
export function describe(info: Stats | undefined): string {
  if (info?.isDirectory()) return 'folder';
  return info?.isFile() ? `${info.size} ${info.mtimeMs}` : 'nothing';
}
