import type { CallName, CallParams, CallResult } from '../../shared/contract/calls.ts';
import { readRunFile } from '../../electron/engine/console/run-file.ts';
import { reachRunning } from '../../electron/entry/cli/reach.ts';

/** Asks a running install without a process of its own, which would take the machine's time from what is measured. */
export async function ask<N extends CallName>(dataDir: string, name: N, params: CallParams<N>): Promise<CallResult<N>> {
  const running = await readRunFile(dataDir);
  if (!running) throw new Error(`Nothing runs on ${dataDir}.`);
  return reachRunning(running).call(name, params);
}
