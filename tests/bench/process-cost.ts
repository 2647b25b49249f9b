import { readdirSync, readFileSync } from 'node:fs';

/** CPU time that the threads of a process have used, in milliseconds, from the scheduler's own count. Linux. */
export function cpuMillis(pid: number): number {
  let nanos = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const [spent = '0'] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ');
    nanos += Number(spent);
  }
  return nanos / 1e6;
}

/** Resident memory now, and the most there was, in MiB. Linux. */
export function memory(pid: number): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const kib = (key: string): number => Number(new RegExp(`^${key}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]);
  return { now: kib('VmRSS') / 1024, most: kib('VmHWM') / 1024 };
}
