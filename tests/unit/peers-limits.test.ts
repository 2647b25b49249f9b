import { describe, expect, test } from 'vitest';
import { isOpen, nextChange, opensAt } from '../../electron/engine/core/hours.ts';
import { type SteadyClock, Throttle } from '../../electron/engine/core/throttle.ts';
import { limitsText, parseHours, parseRate, rateText } from '../../electron/entry/cli/limits-text.ts';

/** A clock that a test moves: sleepers wake when their time has come, or when they are woken. */
class TestClock implements SteadyClock {
  #now = 0;
  readonly #sleepers = new Set<{ at: number; wake: () => void }>();

  now(): number {
    return this.#now;
  }

  sleep(millis: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = { at: this.#now + millis, wake: resolve };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', () => {
        this.#sleepers.delete(sleeper);
        resolve();
      });
    });
  }

  async pass(millis: number): Promise<void> {
    const end = this.#now + millis;
    for (;;) {
      // Whoever was woken may go to sleep again.
      await new Promise((resolve) => setImmediate(resolve));
      const [next] = [...this.#sleepers].toSorted((a, b) => a.at - b.at);
      if (!next || next.at > end) break;
      this.#now = Math.max(this.#now, next.at);
      this.#sleepers.delete(next);
      next.wake();
    }
    this.#now = end;
  }
}

/** Takes pieces until the end of time, and counts what has passed. */
function taker(throttle: Throttle, piece: number): { passed: number } {
  const taken = { passed: 0 };
  const work = async (): Promise<void> => {
    for (;;) {
      await throttle.take(piece);
      taken.passed += piece;
      if (throttle.rate === undefined) return;
    }
  };
  void work();
  return taken;
}

describe('a throttle', () => {
  test('lets pass what its rate allows, however many share it', async () => {
    const clock = new TestClock();
    const throttle = new Throttle(100_000, clock);
    const all = [taker(throttle, 4096), taker(throttle, 10_000), taker(throttle, 1000)];
    await clock.pass(10_000);
    const passed = all.reduce((sum, each) => sum + each.passed, 0);
    expect(passed).toBeGreaterThan(980_000);
    // What had been saved up at the beginning may pass too.
    expect(passed).toBeLessThanOrEqual(1_025_000);
  });

  test('a change counts at once, also for those that wait', async () => {
    const clock = new TestClock();
    const throttle = new Throttle(1000, clock);
    const slow = taker(throttle, 10_000);
    await clock.pass(1000);
    expect(slow.passed).toBe(0);
    throttle.rate = 100_000;
    await clock.pass(1000);
    expect(slow.passed).toBeGreaterThanOrEqual(80_000);
    expect(slow.passed).toBeLessThanOrEqual(125_000);
    const before = slow.passed;
    throttle.rate = 4096;
    await clock.pass(10_000);
    expect(slow.passed - before).toBeLessThanOrEqual(45_000);
  });

  test('without a limit nobody waits, and whoever gives up does not either', async () => {
    const clock = new TestClock();
    const throttle = new Throttle(10, clock);
    const abort = new AbortController();
    const given = throttle.take(1_000_000, abort.signal);
    const freed = throttle.take(1_000_000);
    abort.abort();
    await given;
    throttle.rate = undefined;
    await freed;
    await throttle.take(1e12);
    expect(clock.now()).toBe(0);
  });
});

describe('hours', () => {
  const at = (hour: number, minute = 0, day = 10): number => new Date(2026, 5, day, hour, minute).getTime();
  const night = { from: 22, to: 6 };
  const office = { from: 8, to: 18 };

  test.each([
    [[], 12, true],
    [[night], 21, false],
    [[night], 22, true],
    [[night], 5, true],
    [[night], 6, false],
    [[office], 17, true],
    [[office], 18, false],
    [[office, night], 23, false],
    [[{ from: 0, to: 24 }], 3, true],
    [[{ from: 7, to: 7 }], 3, true],
  ])('%j at %i o’clock: %s', (all, hour, expected) => {
    expect(isOpen(all, at(hour, 59))).toBe(expected);
  });

  test('say when they change', () => {
    expect(nextChange([], at(12))).toBeUndefined();
    expect(nextChange([{ from: 0, to: 24 }], at(12))).toBeUndefined();
    expect(opensAt([night], at(23))).toBeUndefined();
    expect(nextChange([night], at(23, 30))).toBe(at(6, 0, 11));
    expect(opensAt([night], at(14, 2))).toBe(at(22));
    expect(opensAt([night, { from: 0, to: 3 }], at(23))).toBe(at(0, 0, 11));
    // They have no hour in common.
    expect(opensAt([night, office], at(12))).toBeUndefined();
  });
});

test('rates and hours as they are typed', () => {
  expect(['2MB/s', '2M', '1.5m', '500k', '1Mi', '4096', 'none'].map((text) => parseRate('--rate', text))).toEqual([
    2e6,
    2e6,
    1.5e6,
    5e5,
    2 ** 20,
    4096,
    null,
  ]);
  expect(parseHours('--hours', '22-6')).toEqual({ from: 22, to: 6 });
  expect(parseHours('--hours', 'always')).toBeNull();
  for (const wrong of ['fast', '-1', '1', '2 MB per s']) expect(() => parseRate('--rate', wrong)).toThrow('usage');
  for (const wrong of ['22', '24-6', '8-25', 'night']) expect(() => parseHours('--hours', wrong)).toThrow('usage');
  expect([rateText(4096), rateText(2e6), rateText(1.25e9)]).toEqual(['4.1 kB/s', '2 MB/s', '1.25 GB/s']);
  expect(limitsText({ bytesPerSecond: 2e6, hours: { from: 22, to: 6 } })).toBe('at most 2 MB/s, from 22 to 6 only');
});
