import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

const LINUX_BOOT_ID = '/proc/sys/kernel/random/boot_id';
const UP = /^up (\d+)$/;

/** What `isThisBoot` is asked with later: names the time from the machine's start to its end. */
export function thisBoot(): string {
  return linuxBootId() ?? `up ${Math.floor(uptime())}`;
}

/** False: the machine has certainly been started since this was noted, so that what its disk shows is what the disk has. */
export function isThisBoot(noted: string): boolean {
  const up = UP.exec(noted)?.[1];
  return up === undefined ? noted === linuxBootId() : uptime() >= Number(up);
}

function linuxBootId(): string | undefined {
  try {
    return readFileSync(LINUX_BOOT_ID, 'latin1').trim();
  } catch {
    return undefined;
  }
}
