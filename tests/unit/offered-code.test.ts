import { expect, test } from 'vitest';
import { codeTaken, offerCode, useOffered } from '../../renderer/stores/offered-code.ts';

test('a code that was filled in is offered no more, and one of a link that was opened right after it still is', () => {
  offerCode('first');
  offerCode('second');
  codeTaken('first');
  expect(useOffered.getState().code).toBe('second');
  codeTaken('second');
  expect(useOffered.getState().code).toBeUndefined();
});
