import { execFileSync } from 'node:child_process';
import { onTestFinished } from 'vitest';

/** The kernel answers EIO to whoever reads it. */
const FAILING = '/sys/devices/software/power/autosuspend_delay_ms';

/**
 * As on a disk that fails: whoever may, opens the file, and nobody can read it (EIO). Returns how to mend it, which the end of the test does
 * as well; undefined: that cannot be had here, and is said.
 */
export function makeFailing(file: string): (() => void) | undefined {
  try {
    execFileSync('mount', ['--bind', FAILING, file], { stdio: 'pipe' });
  } catch (error) {
    process.stdout.write(`skipped: no file that cannot be read can be had here (${String(error).split('\n')[0]})\n`);
    return undefined;
  }
  let isMounted = true;
  const mend = (): void => {
    if (isMounted) execFileSync('umount', [file]);
    isMounted = false;
  };
  onTestFinished(mend);
  return mend;
}
