import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

/** Long by `npm run simulate`; see docs/testing.md. In a process of its own: there the simulated modules take the place of Node's. */
test.each([[[]], [['--decisions']]])(
  'the seeds that found something once pass, and the same seed does the same again %s',
  async (how) => {
    const script = join('tests', 'simulation', 'run.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [script, '--kept', ...how], { cwd: root }).catch(
      (error: { stdout?: string; stderr?: string }) => expect.fail(`${error.stdout}\n${error.stderr}`),
    );
    expect(stdout).toMatch(/^\d+ seeds, 0 failed/m);
  },
);
