import fc from 'fast-check';
import { expect, test } from 'vitest';
import { REPLAY_WINDOW, ReplayWindow, type Stamp } from '../../electron/engine/link/multicast/replay-window.ts';

/** The same told by a list of all that was ever taken. */
class Remembered {
  readonly #taken: Stamp[] = [];

  allows({ epoch, counter }: Stamp): boolean {
    const newest = Math.max(-1, ...this.#taken.map((stamp) => stamp.epoch));
    if (epoch !== newest) return epoch > newest;
    const ofEpoch = this.#taken.filter((stamp) => stamp.epoch === epoch).map((stamp) => stamp.counter);
    return !ofEpoch.includes(counter) && counter > Math.max(...ofEpoch) - REPLAY_WINDOW;
  }

  take(stamp: Stamp): void {
    this.#taken.push(stamp);
  }
}

const counter = fc.oneof(
  { weight: 5, arbitrary: fc.nat(40) },
  { weight: 2, arbitrary: fc.integer({ min: REPLAY_WINDOW - 5, max: REPLAY_WINDOW + 45 }) },
  { weight: 1, arbitrary: fc.integer({ min: 2 ** 48 - 5, max: 2 ** 48 - 1 }) },
);
const stamp = fc.record({ epoch: fc.nat(2), counter });

test('a window tells what a memory of everything would tell', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ stamp, isProved: fc.boolean() }), { maxLength: 120 }), (heard) => {
      const window = new ReplayWindow();
      const model = new Remembered();
      for (const { stamp, isProved } of heard) {
        const allowed = window.allows(stamp);
        expect({ stamp, allowed }).toEqual({ stamp, allowed: model.allows(stamp) });
        if (!allowed || !isProved) continue;
        window.take(stamp);
        model.take(stamp);
      }
    }),
    { numRuns: 500 },
  );
});
