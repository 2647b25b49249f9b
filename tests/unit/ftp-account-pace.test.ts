import { expect, test } from 'vitest';
import {
  ACCOUNT_FAILURES_FREE,
  ACCOUNT_SPACING_MILLIS,
  ACCOUNT_WAIT_MAX_MILLIS,
  AccountPace,
  KNOWN_ADDRESSES_MAX,
  USER_BYTES_MAX,
} from '../../electron/engine/master/ftp-server/account-pace.ts';
import { access } from '../../electron/engine/master/ftp-server/verbs/access.ts';
import type { Verb } from '../../electron/engine/master/ftp-server/verbs/verb.ts';
import { ADDRESSES_MAX, FORGET_MILLIS } from '../../electron/engine/master/ftp-server/login-throttle.ts';

function attacked(): AccountPace {
  const pace = new AccountPace();
  for (let count = 0; count < ACCOUNT_FAILURES_FREE; count += 1) pace.failed('alice', 0);
  return pace;
}

test('guesses at one account from many addresses are taken one by one, and then sent away', () => {
  const pace = attacked();
  const waits = Array.from({ length: 40 }, (_, at) => pace.enter('alice', `192.0.2.${at}`, 0));
  const taken = ACCOUNT_WAIT_MAX_MILLIS / ACCOUNT_SPACING_MILLIS + 1;
  expect(waits.slice(0, taken)).toEqual(Array.from({ length: taken }, (_, at) => at * ACCOUNT_SPACING_MILLIS));
  expect(new Set(waits.slice(taken))).toEqual(new Set([undefined]));
  expect(pace.enter('bob', '192.0.2.1', 0)).toBe(0);
});

test('a stranger who guesses does not keep the owner out, who comes from where he came from before', () => {
  const pace = new AccountPace();
  pace.succeeded('alice', '198.51.100.7');
  for (let count = 0; count < 1000; count += 1) {
    pace.enter('alice', `192.0.2.${count % 256}`, 0);
    pace.failed('alice', 0);
  }
  expect(pace.enter('alice', '198.51.100.7', 0)).toBe(0);
  expect(pace.enter('alice', '198.51.100.8', 0)).toBeUndefined();
});

test('nor does one who makes many names up first, so that the owner would be forgotten', () => {
  const pace = new AccountPace();
  pace.succeeded('alice', '198.51.100.7');
  for (let count = 0; count < ADDRESSES_MAX; count += 1) pace.failed(`user-${count}`, 0);
  for (let count = 0; count < ACCOUNT_FAILURES_FREE; count += 1) pace.failed('alice', 0);
  pace.enter('alice', '192.0.2.1', 0);
  expect(pace.enter('alice', '198.51.100.7', 0)).toBe(0);
});

test('an account that is slowed down is told, until when, and is not when a person says so', () => {
  const pace = attacked();
  pace.failed('alice', 0);
  pace.failed('bob', 0);
  expect(pace.slowed(90_000)).toEqual([{ user: 'alice', until: 2 * FORGET_MILLIS }]);
  expect(pace.slowed(2 * FORGET_MILLIS - 1)).toHaveLength(1);
  expect(pace.slowed(2 * FORGET_MILLIS)).toEqual([]);
  pace.enter('alice', '192.0.2.1', 0);
  expect([pace.unlock('bob', 0), pace.unlock('alice', 0), pace.unlock('alice', 0)]).toEqual([false, true, false]);
  expect([pace.slowed(0), pace.enter('alice', '192.0.2.1', 0)]).toEqual([[], 0]);
});

test('few failures slow nobody down, and they are forgotten', () => {
  const pace = attacked();
  expect(pace.enter('alice', '192.0.2.1', FORGET_MILLIS)).toBe(0);
  const fresh = new AccountPace();
  fresh.failed('alice', 0);
  expect(fresh.enter('alice', '192.0.2.1', 0)).toBe(0);
});

test('what is remembered of accounts is bounded', () => {
  const pace = attacked();
  for (let count = 0; count < KNOWN_ADDRESSES_MAX + 1; count += 1) pace.succeeded('alice', `198.51.100.${count}`);
  expect(pace.enter('alice', '198.51.100.1', 0)).toBe(0);
  expect(pace.enter('alice', '198.51.100.0', 0)).toBe(0);
  expect(pace.enter('alice', '198.51.100.0', 0)).toBe(ACCOUNT_SPACING_MILLIS);
  for (let count = 0; count < ADDRESSES_MAX; count += 1) pace.failed(`user-${count}`, 0);
  expect(pace.enter('alice', '203.0.113.1', 0)).toBe(0);
});

test('a name that is too long for a user is refused, and not remembered', () => {
  const pace = new AccountPace();
  const [long, longest] = ['é'.repeat(USER_BYTES_MAX / 2 + 1), 'u'.repeat(USER_BYTES_MAX)];
  for (const user of [long, longest])
    for (let count = 0; count < ACCOUNT_FAILURES_FREE + 1; count += 1) {
      pace.enter(user, '192.0.2.1', 0);
      pace.failed(user, 0);
    }
  pace.enter(longest, '192.0.2.1', 0);
  expect([pace.enter(long, '192.0.2.1', 0), pace.enter(longest, '192.0.2.1', 0)]).toEqual([
    0,
    2 * ACCOUNT_SPACING_MILLIS,
  ]);
  const named: string[] = [];
  const session = {
    access: { kind: 'none' },
    security: { kind: 'plain' },
    context: { config: { tls: 'optional' } },
    name: (user: string) => named.push(user),
  };
  const user = (arg: string) => access['USER']?.run({ session, arg } as unknown as Parameters<Verb['run']>[0]);
  expect(user(longest)).toMatchObject({ code: 331 });
  expect(() => user(long)).toThrow(expect.objectContaining({ reply: expect.objectContaining({ code: 501 }) }));
  expect(named).toEqual([longest]);
});
