import { columnMillis, SCORE_COLUMNS, type ScoreSpan, scoreSpanNames } from '../../shared/domain/score.ts';

/** More columns than are shown: what comes late, and what is just leaving, has a place. */
const SLOTS = SCORE_COLUMNS + 40;

/** How many there were in each column of a span, and the sum of their delays; the oldest make room for the newest. */
class ColumnRing {
  readonly width: number;
  readonly #indexes = new Float64Array(SLOTS).fill(-1);
  readonly #counts = new Float64Array(SLOTS);
  readonly #lags = new Float64Array(SLOTS);

  constructor(span: ScoreSpan) {
    this.width = columnMillis(span);
  }

  add(at: number, count: number, lag: number): void {
    this.addTo(Math.floor(at / this.width), count, lag);
  }

  addTo(index: number, count: number, lag: number): void {
    const slot = ((index % SLOTS) + SLOTS) % SLOTS;
    const there = this.#indexes[slot] ?? -1;
    // Older than all that is held.
    if (there > index) return;
    if (there < index) {
      this.#indexes[slot] = index;
      this.#counts[slot] = 0;
      this.#lags[slot] = 0;
    }
    this.#counts[slot] = (this.#counts[slot] ?? 0) + count;
    this.#lags[slot] = (this.#lags[slot] ?? 0) + lag;
  }

  count(index: number): number {
    const slot = index % SLOTS;
    return this.#indexes[slot] === index ? (this.#counts[slot] ?? 0) : 0;
  }

  /** The usual delay of what is in a column, in milliseconds. */
  lag(index: number): number {
    const slot = index % SLOTS;
    if (this.#indexes[slot] !== index) return 0;
    return (this.#lags[slot] ?? 0) / Math.max(1, this.#counts[slot] ?? 0);
  }

  /** In the fullest column of what is shown at `now`. */
  most(now: number): number {
    const first = Math.floor(now / this.width) - SCORE_COLUMNS;
    let most = 0;
    for (let slot = 0; slot < SLOTS; slot += 1)
      if ((this.#indexes[slot] ?? -1) >= first) most = Math.max(most, this.#counts[slot] ?? 0);
    return most;
  }

  /** All from the column of `since` on. */
  sum(since: number): number {
    const first = Math.floor(since / this.width);
    let sum = 0;
    for (let slot = 0; slot < SLOTS; slot += 1)
      if ((this.#indexes[slot] ?? -1) >= first) sum += this.#counts[slot] ?? 0;
    return sum;
  }
}

/** One machine's part of the score, as numbers. */
export class LaneColumns {
  readonly spans: Readonly<Record<ScoreSpan, ColumnRing>> = {
    minute: new ColumnRing('minute'),
    hour: new ColumnRing('hour'),
    day: new ColumnRing('day'),
  };

  add(at: number, lag = 0): void {
    for (const span of scoreSpanNames) this.spans[span].add(at, 1, lag);
  }

  /** Of `count` no more is known than when the first and the last of them were. */
  spread(count: number, since: number, until: number): void {
    for (const span of scoreSpanNames) {
      const ring = this.spans[span];
      const first = Math.floor(since / ring.width);
      const steps = Math.floor(until / ring.width) - first + 1;
      for (let step = 0; step < steps; step += 1) {
        const share = Math.floor(((step + 1) * count) / steps) - Math.floor((step * count) / steps);
        if (share > 0) ring.addTo(first + step, share, 0);
      }
    }
  }
}
