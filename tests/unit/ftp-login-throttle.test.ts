import { expect, test } from 'vitest';
import {
  ADDRESSES_MAX,
  FAILURE_DELAY_FIRST_MILLIS,
  FAILURES_MAX,
  FORGET_MILLIS,
  LOCK_OUT_MILLIS,
  LoginThrottle,
} from '../../electron/engine/master/ftp-server/login-throttle.ts';

test('the wait doubles with each failure, up to a limit', () => {
  const throttle = new LoginThrottle();
  expect(Array.from({ length: 8 }, () => throttle.failed('192.0.2.1', 0))).toEqual([
    250, 500, 1000, 2000, 4000, 8000, 8000, 8000,
  ]);
});

test('many failures lock the address out for a while, and no other one', () => {
  const throttle = new LoginThrottle();
  for (let failure = 1; failure < FAILURES_MAX; failure += 1) throttle.failed('192.0.2.1', 0);
  expect(throttle.lockedFor('192.0.2.1', 0)).toBe(0);
  throttle.failed('192.0.2.1', 0);
  expect(throttle.lockedFor('192.0.2.1', 0)).toBe(LOCK_OUT_MILLIS);
  throttle.failed('192.0.2.1', 1000);
  expect(throttle.lockedFor('192.0.2.1', 1000)).toBe(LOCK_OUT_MILLIS - 1000);
  expect(throttle.lockedFor('192.0.2.2', 0)).toBe(0);
  expect(throttle.lockedFor('192.0.2.1', LOCK_OUT_MILLIS)).toBe(0);
  expect(throttle.failed('192.0.2.1', LOCK_OUT_MILLIS)).toBe(FAILURE_DELAY_FIRST_MILLIS);
});

test('who is locked out is told, the latest first, and let in again when a person says so', () => {
  const throttle = new LoginThrottle();
  for (let failure = 0; failure < FAILURES_MAX; failure += 1) throttle.failed('2001:db8:0:1::7', 0, 'alice');
  for (let failure = 0; failure < FAILURES_MAX; failure += 1) throttle.failed('192.0.2.1', 1000);
  throttle.failed('192.0.2.2', 1000);
  expect(throttle.locked(1000)).toMatchObject([
    { address: '192.0.2.1', lockedUntil: 1000 + LOCK_OUT_MILLIS, tried: undefined },
    { address: '2001:db8:0:1::7', lockedUntil: LOCK_OUT_MILLIS, tried: 'alice' },
  ]);
  // Any address of its network will do.
  expect([throttle.unlock('2001:db8:0:1::9', 1000), throttle.unlock('2001:db8:0:1::9', 1000)]).toEqual([true, false]);
  expect(throttle.unlock('192.0.2.2', 1000)).toBe(false);
  expect(throttle.locked(1000).map(({ address }) => address)).toEqual(['192.0.2.1']);
  expect(throttle.failed('2001:db8:0:1::7', 1000)).toBe(FAILURE_DELAY_FIRST_MILLIS);
  expect(throttle.locked(1000 + LOCK_OUT_MILLIS)).toEqual([]);
});

test('failures are forgotten, one a minute', () => {
  const throttle = new LoginThrottle();
  throttle.failed('192.0.2.1', 0);
  throttle.failed('192.0.2.1', 0);
  expect(throttle.failed('192.0.2.1', 2 * FORGET_MILLIS)).toBe(FAILURE_DELAY_FIRST_MILLIS);
});

test('IPv6 addresses of one network count together', () => {
  const throttle = new LoginThrottle();
  for (let host = 0; host < FAILURES_MAX; host += 1) throttle.failed(`2001:db8:0:1::${host.toString(16)}`, 0);
  expect(throttle.lockedFor('2001:db8:0:1:ffff::1', 0)).toBe(LOCK_OUT_MILLIS);
  expect(throttle.lockedFor('2001:db8::1', 0)).toBe(0);
});

test('what is remembered is bounded', () => {
  const throttle = new LoginThrottle();
  for (let failure = 0; failure < FAILURES_MAX; failure += 1) throttle.failed('192.0.2.1', 0);
  for (let other = 0; other < ADDRESSES_MAX; other += 1) throttle.failed(`host-${other}`, 0);
  expect(throttle.lockedFor('192.0.2.1', 0)).toBe(0);
});
