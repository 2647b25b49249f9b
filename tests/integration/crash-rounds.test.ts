import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const script = join(import.meta.dirname, '../simulation/crash-rounds/crash-rounds.ts');
const ROUNDS = 6;

/** What it prints, also where a round failed. */
async function crashRounds(...args: string[]): Promise<string> {
  const running = promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args]);
  const { stdout } = await running.catch((error: unknown) => error as { stdout: string });
  return stdout;
}

test('power is lost at random operations, and every promise is kept', async () => {
  const stdout = await crashRounds('--rounds', String(ROUNDS), '--seed', 'short');
  expect(stdout).toContain(`${ROUNDS} rounds, 0 failed`);
  // Something was at stake.
  expect(Number(/(\d+) losses/.exec(stdout)?.[1])).toBeGreaterThan(0);
  expect(Number(/(\d+) acknowledged/.exec(stdout)?.[1])).toBeGreaterThan(10);
});

test('what one loss of power has cut off is not continued with bytes that the next one brings back', async () => {
  expect(await crashRounds('--only', '250.88')).toContain('1 rounds, 0 failed');
});
