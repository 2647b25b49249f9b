import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { watchClock } from '../../electron/engine/mirror/watched-clock.ts';
import { WordGiver } from '../../electron/engine/master/release/word-giver.ts';
import type { ReleaseStore } from '../../electron/engine/store/releases.ts';
import { AppError } from '../../shared/errors/app-error.ts';

const HOUR = 3_600_000;
const BEGIN = 1_700_000_000_000;

/** A wall clock that can be set, and the steady one; both stand still by themselves. */
function aClock() {
  const time = { wall: BEGIN, steady: 1000 };
  vi.spyOn(performance, 'now').mockImplementation(() => time.steady);
  return {
    now: () => time.wall,
    set: (by: number) => void (time.wall += by),
    pass: (millis: number) => {
      time.wall += millis;
      time.steady += millis;
    },
  };
}

afterEach(() => void vi.restoreAllMocks());

test.each([HOUR, -HOUR])(
  'a clock that is set by %i ms is told as such, and nobody sees the jump before',
  async (by) => {
    const clock = aClock();
    const told: number[] = [];
    const now = watchClock({ now: clock.now, store: (each) => void told.push(each), onSet: () => undefined });
    clock.pass(10);
    clock.set(by);
    expect([now(), now(), told]).toEqual([BEGIN + 10, BEGIN + 10, []]);
    await setImmediate();
    expect([now(), told]).toEqual([BEGIN + 10 + by, [by]]);
  },
);

test.each([HOUR, -HOUR])(
  'who is told that the clock was set by %i ms, and looks at it, sees what is stored and the new time',
  async (by) => {
    const clock = aClock();
    let since = BEGIN;
    const waited: number[] = [];
    const look = (): void => void waited.push(now() - since);
    const now = watchClock({ now: clock.now, store: (each) => void (since += each), onSet: look });
    clock.pass(1000);
    clock.set(by);
    look();
    await setImmediate();
    look();
    expect(waited).toEqual([1000, 1000, 1000]);
  },
);

test('a clock that is adjusted little by little is followed', async () => {
  const clock = aClock();
  const told: number[] = [];
  const now = watchClock({ now: clock.now, store: (each) => void told.push(each), onSet: () => undefined });
  for (let i = 0; i < 5; i += 1) {
    clock.pass(1000);
    clock.set(900);
    expect(now()).toBe(BEGIN + (i + 1) * 1900);
  }
  await setImmediate();
  expect(told).toEqual([]);
});

test('where what waits cannot be noted the time goes on as if the clock had not been set', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const clock = aClock();
  const told: number[] = [];
  let isFull = true;
  const store = (by: number): void => {
    if (isFull) throw new AppError('file.disk-full', { path: 'lockstep.db' });
    told.push(by);
  };
  const now = watchClock({ now: clock.now, store, onSet: () => undefined });
  clock.set(HOUR);
  now();
  await setImmediate();
  clock.set(HOUR);
  clock.pass(10);
  expect([now(), told]).toEqual([BEGIN + 10, []]);
  isFull = false;
  vi.advanceTimersByTime(10_000);
  expect([now(), told]).toEqual([BEGIN + 10 + 2 * HOUR, [2 * HOUR]]);
  vi.useRealTimers();
});

test('the limit of a release for all mirrors is not over because the clock was set', () => {
  const clock = aClock();
  const release = {
    id: 7,
    name: 'spring',
    at: BEGIN,
    together: { limit: 60_000, quorum: 0 },
    goAt: undefined,
    peers: [{ peer: 'tokyo', readyAt: undefined, publishedAt: undefined }],
  };
  const told: number[] = [];
  const releases = {
    awaitingGo: () => (told.length === 0 ? [release] : []),
    get: () => release,
    go: () => true,
  } as unknown as ReleaseStore;
  const word = new WordGiver({
    releases,
    clock,
    isPaused: () => false,
    tell: (id) => void told.push(id),
    onChange: () => undefined,
  });
  word.look();
  clock.set(HOUR);
  word.look();
  expect([told, word.progress(7)?.limitAt]).toEqual([[], BEGIN + HOUR + 60_000]);
  clock.set(-2 * HOUR);
  clock.pass(59_000);
  word.look();
  expect(told).toEqual([]);
  clock.pass(1000);
  word.look();
  word.stop();
  expect(told).toEqual([7]);
});
