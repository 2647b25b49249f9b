import type { DeepPeer } from '../../../shared/contract/deep.ts';
import type { LinkMessageOf } from '../../../shared/contract/link.ts';
import { AppError } from '../../../shared/errors/app-error.ts';

/** A mirror that says nothing for so long has stopped working on it. */
const SILENT_MILLIS = 60_000;

type AskCheck = (site: string, peer: string, how: LinkMessageOf<'checkWanted'>['how']) => 'asked' | 'away' | 'old';

interface Asked {
  readonly site: string;
  readonly mirrors: Map<string, DeepPeer>;
  readonly changed: () => void;
  readonly timers: Map<string, NodeJS.Timeout>;
}

/** Asks the mirrors of a site how their copies are, all at the same time, and gathers what they say. */
export class MirrorVerdicts {
  readonly #askCheck: AskCheck;
  readonly #asked = new Set<Asked>();

  constructor(askCheck: AskCheck) {
    this.#askCheck = askCheck;
  }

  /** Resolves when each of them (names by ids) has ended, or cannot. When `signal` is aborted they are told to stop. */
  async ask(
    site: string,
    names: ReadonlyMap<string, string>,
    mend: boolean,
    signal: AbortSignal,
    tell: (peers: readonly DeepPeer[]) => void,
  ): Promise<void> {
    const mirrors = new Map<string, DeepPeer>();
    let over: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (over = resolve));
    const changed = (): void => {
      const all = [...mirrors.values()];
      tell(all);
      if (!all.some(isOpen)) over();
    };
    const asked: Asked = { site, mirrors, changed, timers: new Map() };
    this.#asked.add(asked);
    signal.addEventListener('abort', over, { once: true });
    try {
      for (const [id, name] of names) {
        const answer = this.#askCheck(site, id, mend ? 'mend' : 'look');
        mirrors.set(id, { name, state: answer === 'asked' ? 'waiting' : answer });
        if (answer === 'asked') this.#wait(asked, id);
      }
      changed();
      await ended;
      if (signal.aborted) for (const [id, mirror] of mirrors) if (isOpen(mirror)) this.#askCheck(site, id, 'stop');
      signal.throwIfAborted();
    } finally {
      signal.removeEventListener('abort', over);
      for (const timer of asked.timers.values()) clearTimeout(timer);
      this.#asked.delete(asked);
    }
  }

  /** A mirror says how it stands. */
  heard(peer: string, { site, state, tally, error }: LinkMessageOf<'checkState'>): void {
    this.#set(peer, (asked, mirror) => {
      if (asked.site !== site) return undefined;
      this.#wait(asked, peer);
      return { name: mirror.name, state, ...(tally && { tally }), ...(error && { error }) };
    });
  }

  /** Its link is over. */
  lost(peer: string): void {
    this.#set(peer, (_, mirror) => ({ ...mirror, state: 'away' }));
  }

  #set(peer: string, change: (asked: Asked, mirror: DeepPeer) => DeepPeer | undefined): void {
    for (const asked of this.#asked) {
      const mirror = asked.mirrors.get(peer);
      const now = mirror && isOpen(mirror) ? change(asked, mirror) : undefined;
      if (!now) continue;
      asked.mirrors.set(peer, now);
      asked.changed();
    }
  }

  #wait({ mirrors, timers, changed }: Asked, peer: string): void {
    clearTimeout(timers.get(peer));
    const timer = setTimeout(() => {
      const mirror = mirrors.get(peer);
      if (!mirror || !isOpen(mirror)) return;
      mirrors.set(peer, {
        ...mirror,
        state: 'failed',
        error: new AppError('link.timeout', { peer: mirror.name }).toJSON(),
      });
      changed();
    }, SILENT_MILLIS);
    timers.set(peer, timer);
  }
}

function isOpen({ state }: DeepPeer): boolean {
  return state === 'waiting' || state === 'running';
}
