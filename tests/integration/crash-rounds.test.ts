import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const script = join(import.meta.dirname, '../simulation/crash-rounds/crash-rounds.ts');
const ROUNDS = 6;

test('power is lost at random operations, and every promise is kept', async () => {
  const args = ['--disable-warning=ExperimentalWarning', script];
  const rounds = ['--rounds', String(ROUNDS), '--seed', 'short'];
  // A round that failed is in what it prints.
  const { stdout } = await run(process.execPath, [...args, ...rounds]).catch((error: unknown) => {
    return error as { stdout: string };
  });
  expect(stdout).toContain(`${ROUNDS} rounds, 0 failed`);
  // Something was at stake.
  expect(Number(/(\d+) losses/.exec(stdout)?.[1])).toBeGreaterThan(0);
  expect(Number(/(\d+) acknowledged/.exec(stdout)?.[1])).toBeGreaterThan(10);
});
