import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = /^lockstep-run-(\d+)-/;
const VARIABLES = ['TMPDIR', 'TMP', 'TEMP'] as const;

/**
 * From now on what this process, and those that it starts, put into the folder for temporary files is in one of this run. What a test
 * leaves, or something that it has started, when it fails or is killed, goes with the run; what a run has left that was killed itself goes
 * now. Returns what ends it.
 */
export function useRunFolder(): () => void {
  const parent = tmpdir();
  for (const name of readdirSync(parent)) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) remove(join(parent, name));
  }
  const folder = mkdtempSync(join(parent, `lockstep-run-${process.pid}-`));
  // A test may go on as somebody else.
  chmodSync(folder, 0o711);
  const before = VARIABLES.map((name) => [name, process.env[name]] as const);
  for (const name of VARIABLES) process.env[name] = folder;
  const end = (): void => {
    process.off('exit', end);
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    remove(folder);
  };
  process.on('exit', end);
  return end;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** It may be somebody else's, or something may still be writing there: then the next run tries again. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  } catch (error) {
    console.log(`${folder} stays: ${String(error)}`);
  }
}
