import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { LinkSession } from '../../electron/engine/link/link-session.ts';
import { Intake, type IntakeOptions } from '../../electron/engine/mirror/intake.ts';
import type { LinkMessage } from '../../shared/contract/link.ts';
import { AppError } from '../../shared/errors/app-error.ts';

const MESSAGES = 40;

/** An intake for which each message is so much work, and what becomes of them. `fails`: the message that cannot be stored. */
function anIntake(workMillis: number, fails?: number, more: Record<string, unknown> = {}) {
  const taken: number[] = [];
  const holds: string[] = [];
  const ends: unknown[] = [];
  const session = {
    hold: () => holds.push(`held with ${taken.length} taken`),
    letGo: () => holds.push('let go'),
    close: (error: unknown) => ends.push(error),
    peer: { name: 'origin' },
  } as unknown as LinkSession;
  const nothing = (): undefined => undefined;
  const options: Partial<Record<keyof IntakeOptions, unknown>> = {
    state: { journal: 'j', cursor: 0, ...more },
    receiver: {
      notify: ({ through }: { through: number }) => {
        if (through === fails) throw new AppError('file.disk-full');
        for (const until = performance.now() + workMillis; performance.now() < until; );
        taken.push(through);
        return true;
      },
    },
    publisher: { carryOutRenames: nothing, forgetRenames: nothing, orderRename: () => false },
    assembler: { look: nothing },
    worker: { wake: nothing, begin: nothing, endBegun: nothing },
    teller: { session, received: nothing, receivedSoon: nothing, waits: nothing },
    ear: { tune: nothing, retune: () => holds.push('retuned') },
    isPaused: () => false,
    onCurrent: nothing,
    onBug: (error: unknown) => ends.push(error),
  };
  const intake = new Intake(options as unknown as IntakeOptions);
  const tell = (through: number): void =>
    intake.enqueue({ session, message: { type: 'notify', mode: 'catch-up', through, headSeq: 99 } as LinkMessage });
  return { intake, tell, taken, holds, ends };
}

const all = Array.from({ length: MESSAGES }, (_, at) => at + 1);

test('much that comes at once is taken in with breaks, in its order, and no more is read meanwhile', async () => {
  const { tell, taken, holds } = anIntake(5);
  all.forEach(tell);
  let turns = 0;
  while (taken.length < MESSAGES) {
    await turn();
    turns += 1;
  }
  expect(taken).toEqual(all);
  // 200 ms of work: nobody else waits for all of it.
  expect(turns).toBeGreaterThan(5);
  expect(holds[0]).toBe('held with 0 taken');
  expect(holds.at(-1)).toBe('let go');
  tell(41);
  await expect.poll(() => taken.at(-1)).toBe(41);
});

test('after what cannot be stored nothing of the same link is taken in, and what comes later is', async () => {
  const { tell, taken, holds, ends } = anIntake(0, 3);
  all.forEach(tell);
  await expect.poll(() => ends).toEqual([new AppError('file.disk-full')]);
  await turn();
  expect(taken).toEqual([1, 2]);
  expect(holds.at(-1)).toBe('let go');
  tell(41);
  await expect.poll(() => taken).toEqual([1, 2, 41]);
});

test.each([
  ['is taken', undefined, [3], []],
  ['is left to the link as long as more of what was missed is to come', { since: 0 }, [], ['retuned']],
])('what is announced %s', async (_, compared, expected, told) => {
  const { intake, taken, holds } = anIntake(0, undefined, { compared });
  const message = {
    type: 'notify',
    mode: 'live',
    items: [] as never[],
    through: 3,
    headSeq: 3,
  } as unknown as LinkMessage;
  intake.enqueue({ first: 1, message });
  await turn();
  await turn();
  expect({ taken, holds }).toEqual({ taken: expected, holds: told });
});
