import { constants } from 'node:os';
import { getSystemErrorMessage } from 'node:util';

export type ErrorName = keyof typeof constants.errno;

export interface Where {
  readonly syscall: string;
  readonly path?: string;
  readonly dest?: string;
}

/** An error with the properties and the words of the operating system's. */
export class DiskError extends Error {
  readonly code: ErrorName;
  readonly errno: number;
  readonly syscall: string;
  readonly path?: string;
  readonly dest?: string;

  constructor(code: ErrorName, { syscall, path, dest }: Where) {
    const errno = -constants.errno[code];
    const names = [path, dest].filter((each) => each !== undefined).map((each) => `'${each}'`);
    super(`${code}: ${getSystemErrorMessage(errno)}, ${[syscall, names.join(' -> ')].filter(Boolean).join(' ')}`);
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
    if (path !== undefined) this.path = path;
    if (dest !== undefined) this.dest = dest;
  }
}
