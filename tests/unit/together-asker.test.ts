import { expect, test } from 'vitest';
import { createAsker } from '../../renderer/ui/asker.ts';

/** Work that is done when the test says so. */
function work() {
  const open: (() => void)[] = [];
  const wanted: boolean[] = [];
  const started: number[] = [];
  return {
    open,
    wanted,
    started,
    ask: async (isWanted: () => boolean) => {
      started.push(started.length);
      await new Promise<void>((resolve) => open.push(resolve));
      wanted.push(isWanted());
    },
  };
}

test('asks once at a time, and once more for all the reasons that came meanwhile', async () => {
  const { ask, open, started, wanted } = work();
  const asker = createAsker(ask, 1);
  asker.ask();
  asker.ask();
  asker.ask();
  expect(started).toHaveLength(1);
  open.shift()?.();
  await expect.poll(() => started.length).toBe(2);
  open.shift()?.();
  await expect.poll(() => wanted).toEqual([true, true]);
  asker.stop();
  expect(started).toHaveLength(2);
});

test('a person does not wait for the pause, others do', async () => {
  const { ask, open, started } = work();
  const asker = createAsker(ask, 3_600_000);
  asker.ask();
  open.shift()?.();
  await new Promise((resolve) => setImmediate(resolve));
  asker.ask();
  expect(started).toHaveLength(1);
  asker.askNow();
  expect(started).toHaveLength(2);
  asker.stop();
  open.shift()?.();
});

test('an answer that comes after the end is not wanted, and nothing is asked any more', async () => {
  const { ask, open, started, wanted } = work();
  const asker = createAsker(ask, 1);
  asker.ask();
  asker.stop();
  asker.ask();
  open.shift()?.();
  await expect.poll(() => wanted).toEqual([false]);
  expect(started).toHaveLength(1);
});
