import { expect, test } from 'vitest';
import { InHand } from '../../electron/engine/mirror/in-hand.ts';

/** What a run that was broken off has left in staging, and which of it is of use still. */
function leftOf(count: number, isNeeded: (at: number) => boolean) {
  const left = Array.from({ length: count }, (_, at) => `${at}`.padStart(64, '0'));
  const staged = new Set<string>(left);
  const looked: string[] = [];
  const state = {
    wants: {
      isNeeded: (sha256: string) => {
        looked.push(sha256);
        return isNeeded(Number(sha256));
      },
    },
  };
  const staging = {
    removeStuck: () => undefined,
    nameOf: (sha256: string) => sha256,
    remove: (name: string) => staged.delete(name),
  };
  const inHand = new InHand(state as never, staging as never);
  inHand.leave(left);
  return { inHand, staged, looked };
}

test('whatever is left in staging, a look at what of it can go costs little, and comes to all of it in the end', () => {
  const { inHand, looked } = leftOf(5000, () => true);
  inHand.dropLeft();
  expect(looked.length).toBeLessThanOrEqual(200);
  for (let times = 0; times < 50; times += 1) inHand.dropLeft();
  expect(new Set(looked).size).toBe(5000);
});

test('what is of no use goes at once, as much as there is, once some of it is found', () => {
  const { inHand, staged } = leftOf(5000, (at) => at < 50);
  inHand.dropLeft();
  expect(staged.size).toBe(50);
});
