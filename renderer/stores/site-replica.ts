import type { LiveChange, LiveDelivered, LivePast, LiveSite, LiveSnapshot } from '../../shared/contract/live.ts';
import type { HistoryRow } from '../../shared/contract/status.ts';
import { scoreSpanNames } from '../../shared/domain/score.ts';
import { LaneColumns } from './columns.ts';

type Delivery = HistoryRow['deliveries'][number];

/** A change, and how it fares at each mirror. It is changed in place: what shows it looks again. */
export interface Voice extends Omit<LiveChange, 'release'> {
  readonly release: number | undefined;
  readonly deliveries: Map<string, Delivery>;
}

/** Changes that are held one by one; what is older stands in the columns. */
const VOICES_MAX = 2000;
/** They are dropped so many at a time. */
const VOICES_SPARE = 500;
/** Times of changes by their seq, for the delays of mirrors that are far behind. */
const TIMES_MAX = 65_536;

/** What is known of one site's changes: the latest one by one, and all of a day as numbers. */
export class SiteReplica {
  readonly site: string;
  /** From the oldest to the newest. */
  readonly voices: Voice[] = [];
  /** By the mirror's name; null: where the changes come from. */
  readonly lanes = new Map<string | null, LaneColumns>();
  /** Changes before are known as numbers only. */
  voicesSince = 0;
  /** What happened before was not looked at. */
  pastSince: number | undefined;
  readonly #bySeq = new Map<number, Voice>();
  readonly #times = new Map<number, number>();
  /** What is older, and told now, is in the snapshot already. */
  readonly #takenAt: number;

  constructor(site: string, { at, rows }: LiveSnapshot) {
    this.site = site;
    this.#takenAt = at;
    for (const row of rows.toReversed()) {
      const voice = this.#add(row);
      for (const delivery of row.deliveries) {
        voice.deliveries.set(delivery.peer, { ...delivery });
        if (delivery.publishedAt !== undefined) this.#see(delivery.peer, delivery.publishedAt, row.at);
      }
    }
    this.voicesSince = rows.at(-1)?.at ?? at;
  }

  lane(peer: string | null): LaneColumns {
    let lane = this.lanes.get(peer);
    if (!lane) this.lanes.set(peer, (lane = new LaneColumns()));
    return lane;
  }

  addPast({ lanes, lookedBackTo }: LivePast): void {
    this.pastSince = lookedBackTo;
    for (const { peer, ...spans } of lanes) {
      const lane = this.lane(peer);
      for (const span of scoreSpanNames) {
        const told = spans[span];
        for (let at = 0; at + 2 < told.length; at += 3)
          lane.spans[span].addTo(told[at] ?? 0, told[at + 1] ?? 0, told[at + 2] ?? 0);
      }
    }
  }

  apply({ changes, moreChanges, peers }: LiveSite): void {
    for (const change of changes) if (change.seq === undefined || !this.#bySeq.has(change.seq)) this.#add(change);
    if (moreChanges) {
      this.lane(null).spread(moreChanges.count, moreChanges.since, moreChanges.until);
      // From here on not every change has a voice.
      this.voicesSince = Math.max(this.voicesSince, moreChanges.until);
    }
    for (const delivered of peers) this.#deliver(delivered);
    if (this.voices.length > VOICES_MAX + VOICES_SPARE) this.#drop();
  }

  /** The latest changes as rows, the newest first. */
  rows(limit: number): HistoryRow[] {
    return this.voices
      .slice(-limit)
      .toReversed()
      .map((voice) => toRow(this.site, voice));
  }

  #add(change: Omit<LiveChange, 'release'> & { release?: number | undefined }): Voice {
    const voice: Voice = { ...change, release: change.release, deliveries: new Map() };
    this.voices.push(voice);
    if (change.seq !== undefined) {
      this.#bySeq.set(change.seq, voice);
      this.#times.set(change.seq, change.at);
      if (this.#times.size > TIMES_MAX) this.#forgetTimes();
    }
    if (change.op !== 'aborted') this.lane(null).add(change.at);
    return voice;
  }

  #deliver({ peer, published, morePublished, states }: LiveDelivered): void {
    for (const { seq, ...state } of states) {
      const voice = this.#bySeq.get(seq);
      const before = voice?.deliveries.get(peer);
      if (before?.publishedAt === undefined) voice?.deliveries.set(peer, { ...before, peer, ...state });
    }
    for (const [index, seq] of published.seqs.entries()) {
      const at = published.ats[index];
      if (at === undefined) continue;
      const voice = this.#bySeq.get(seq);
      if (voice) {
        if (voice.deliveries.get(peer)?.publishedAt !== undefined) continue;
        voice.deliveries.set(peer, { peer, state: 'published', publishedAt: at });
      } else if (at < this.#takenAt) continue;
      this.#see(peer, at, this.#times.get(seq));
    }
    if (morePublished) this.lane(peer).spread(morePublished.count, morePublished.since, morePublished.until);
  }

  #see(peer: string, at: number, changedAt: number | undefined): void {
    this.lane(peer).add(at, changedAt === undefined ? 0 : Math.max(0, at - changedAt));
  }

  #drop(): void {
    for (const { seq } of this.voices.splice(0, this.voices.length - VOICES_MAX))
      if (seq !== undefined) this.#bySeq.delete(seq);
    this.voicesSince = Math.max(this.voicesSince, this.voices[0]?.at ?? 0);
  }

  #forgetTimes(): void {
    let left = TIMES_MAX / 4;
    for (const seq of this.#times.keys()) {
      if (left === 0) return;
      this.#times.delete(seq);
      left -= 1;
    }
  }
}

function toRow(site: string, { deliveries, release, ...change }: Voice): HistoryRow {
  return { site, ...change, ...(release !== undefined && { release }), deliveries: [...deliveries.values()] };
}
