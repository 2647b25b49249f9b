import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

const LINUX_MACHINE_ID = '/etc/machine-id';

export interface Machine {
  /** What people call it. */
  readonly host: string;
  /** Tells it from others, as far as the system says; the system's own id is nobody else's business, so it is hashed. */
  readonly id: string;
}

let known: Machine | undefined;

/** The machine that this process runs on. Where the system has no id the name alone has to do. */
export function thisMachine(): Machine {
  if (known) return known;
  const host = hostname();
  const id = createHash('sha256').update(`lockstep ${host} ${linuxMachineId()}`).digest('hex').slice(0, 32);
  known = { host, id };
  return known;
}

function linuxMachineId(): string {
  try {
    return readFileSync(LINUX_MACHINE_ID, 'latin1').trim();
  } catch {
    return '';
  }
}
