import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PutBack } from '../../electron/engine/master/put-back.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../shared/errors/codes.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

test.each([
  ['site.unread', 1],
  ['site.root-missing', 1],
  ['file.io', 1],
  ['guard.held', 0],
] satisfies [ErrorCode, number][])(
  'a tree that could not be read (%s) is read again after a while, unless a person has to agree to something',
  (code, times) => {
    const putBack = new PutBack();
    expect(putBack.begin('www')).toBe(true);
    let asked = 0;
    putBack.failed('www', new AppError(code, { root: '/srv/www', path: 'page.html', count: 9, of: 9 }), 5, () => {
      asked += 1;
    });
    expect([putBack.waits('www'), putBack.trouble('www')]).toMatchObject([true, { error: { code }, since: 5 }]);
    vi.runOnlyPendingTimers();
    expect(asked).toBe(times);
  },
);

test('of a site that is closed, or was read, nothing is read again', () => {
  const putBack = new PutBack();
  putBack.begin('www');
  putBack.failed('www', new AppError('site.unread', { path: 'page.html' }), 5, () => {
    throw new Error('it is over');
  });
  putBack.end('www');
  vi.runOnlyPendingTimers();
  expect([putBack.waits('www'), putBack.trouble('www')]).toEqual([false, undefined]);
});
