import { readFileSync } from 'node:fs';
import { systemCode } from './file-error.ts';

/** Of a line of the table of mounts that which tells one from another: what comes after it is about how it is mounted. */
const FIELDS = 5;

/**
 * The disks that are mounted below a folder, in the system's words (proc_pid_mountinfo(5)): other words where one has come or gone.
 * Empty where the system does not say.
 */
export function mountsBelow(folder: string): string {
  const above = `${folder}/`.replace(/[ \t\n\\]/g, (each) => `\\0${each.charCodeAt(0).toString(8).padStart(2, '0')}`);
  const lines = readTable()
    .split('\n')
    .map((line) => line.split(' ', FIELDS));
  return lines
    .filter(([, , , , point]) => point?.startsWith(above))
    .map((fields) => fields.join(' '))
    .join('\n');
}

function readTable(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8');
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return '';
  }
}
