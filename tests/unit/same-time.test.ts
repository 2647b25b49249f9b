import { expect, test } from 'vitest';
import { isHeldAnywhere, isSameTime } from '../../electron/engine/tree/same-time.ts';

const year = (number: number): number => Date.parse(`${String(number).padStart(4, '0')}-06-01T00:00:00Z`);
/** Where the times of ext4 begin and end. */
const [EXT4_FIRST, EXT4_LAST] = [-(2 ** 31) * 1000, 15_032_385_535_000];

test('a disk may show the second of a time, and of one that it cannot hold the nearest', () => {
  const now = year(2026) + 1234;
  expect(isSameTime(now, now)).toBe(true);
  expect(isSameTime(year(2026), now)).toBe(true);
  expect(isSameTime(now + 1, now)).toBe(false);
  expect(isSameTime(year(2026) - 1000, now)).toBe(false);
  expect(isSameTime(EXT4_LAST, year(9999))).toBe(true);
  expect(isSameTime(EXT4_FIRST, year(1600))).toBe(true);
  expect(isSameTime((2 ** 31 - 1) * 1000, year(2038))).toBe(true);
  expect(isSameTime(Date.UTC(1980, 0, 1), year(1970))).toBe(true);
});

test('what was changed since is no nearest time', () => {
  for (const odd of [year(1600), year(1970), year(2038), year(9999)]) {
    expect(isHeldAnywhere(odd)).toBe(false);
    expect(isSameTime(year(2026), odd)).toBe(false);
  }
  expect(isSameTime(EXT4_LAST + 1, year(9999))).toBe(false);
  expect(isSameTime(EXT4_FIRST, year(1700) * -1)).toBe(false);
  expect(isHeldAnywhere(year(2026))).toBe(true);
  expect(isSameTime(EXT4_LAST, year(2037))).toBe(false);
});
