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
}

/** Paths at which something has happened, each until it has been quiet for `STABLE_MILLIS`. */
export class Settling {
  /** In the order of `due`: whatever is touched goes to the end. */
  readonly #paths = new Map<SitePath, Touched & { readonly due: number }>();
  readonly #events = new EventEmitter();

  /** `now`, here and below: by the steady clock, whatever is done to the other one. */
  touch({ path, look, replaced }: Touched, now: number): void {
    const before = this.#paths.get(path);
    this.#paths.delete(path);
    this.#paths.set(path, { path, look, replaced: replaced || before?.replaced === true, due: now + STABLE_MILLIS });
    this.#events.emit('touched');
  }

  /** Takes up to `limit` paths that have been quiet for long enough. */
  take(now: number, limit: number): Touched[] {
    const taken: Touched[] = [];
    for (const touched of this.#paths.values()) {
      if (touched.due > now || taken.length === limit) break;
      this.#paths.delete(touched.path);
      taken.push(touched);
    }
    return taken;
  }

  /** Resolves when there is something to take. */
  async due(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#paths.size === 0) await once(this.#events, 'touched', { signal });
    const next = this.#paths.values().next().value?.due ?? 0;
    await sleep(Math.min(STABLE_MILLIS, Math.max(0, next - performance.now())), undefined, { signal });
  }
}

/** Two looks that read the same: the thing has not changed in between. Links and special files are not there for anybody. */
export function describe(info: Stats | undefined): string {
  if (info?.isDirectory()) return 'folder';
  return info?.isFile() ? `${info.size} ${info.mtimeMs}` : 'nothing';
}
