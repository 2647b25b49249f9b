import {
  LIVE_CHANGES_MAX,
  LIVE_PUBLISHED_MAX,
  LIVE_STATES_MAX,
  type LiveChange,
  type LiveDelivered,
  type LiveSite,
} from '../../../shared/contract/live.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import { defined } from '../core/defined.ts';

type State = LiveDelivered['states'][number];
type More = NonNullable<LiveSite['moreChanges']>;

/** What has happened at a site since the last batch: one by one as far as it fits, the rest counted. */
export class SiteBatch {
  readonly #changes: LiveChange[] = [];
  readonly #peers = new Map<string, PeerBatch>();
  #more: More | undefined;

  change(change: LiveChange): void {
    if (this.#changes.length < LIVE_CHANGES_MAX) this.#changes.push(change);
    else this.#more = oneMore(this.#more, change.at);
  }

  peer(id: string): PeerBatch {
    let batch = this.#peers.get(id);
    if (!batch) this.#peers.set(id, (batch = new PeerBatch()));
    return batch;
  }

  tell(site: string, nameOf: (peer: string) => string): LiveSite {
    const peers = [...this.#peers].map(([id, batch]) => batch.tell(nameOf(id)));
    return defined({ site, changes: this.#changes, moreChanges: this.#more, peers });
  }
}

class PeerBatch {
  readonly #seqs: number[] = [];
  readonly #ats: number[] = [];
  /** By seq: under way to being published a change has several states within one batch. */
  readonly #states = new Map<number, State>();
  #more: More | undefined;

  published(seq: number, at: Millis): void {
    this.#states.delete(seq);
    if (this.#seqs.length < LIVE_PUBLISHED_MAX) {
      this.#seqs.push(seq);
      this.#ats.push(at);
    } else this.#more = oneMore(this.#more, at);
  }

  state(state: State): void {
    this.#states.set(state.seq, state);
  }

  tell(peer: string): LiveDelivered {
    const states = [...this.#states.values()];
    return defined({
      peer,
      published: { seqs: this.#seqs, ats: this.#ats },
      morePublished: this.#more,
      // What needs somebody is told before what goes on by itself.
      states: states.toSorted((one, other) => weight(other) - weight(one)).slice(0, LIVE_STATES_MAX),
      moreStates: states.length > LIVE_STATES_MAX ? states.length - LIVE_STATES_MAX : undefined,
    });
  }
}

function oneMore(more: More | undefined, at: Millis): More {
  if (!more) return { count: 1, since: at, until: at };
  return { count: more.count + 1, since: Math.min(more.since, at), until: Math.max(more.until, at) };
}

function weight({ state }: State): number {
  return state === 'failed' || state === 'held' ? 1 : 0;
}
