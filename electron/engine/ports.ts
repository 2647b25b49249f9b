import type { Logger as PinoLogger } from 'pino';
import type { Millis } from '../../shared/domain/change.ts';
import type { LogRing } from './log/log-ring.ts';

/** What the engine is given from outside, so that tests can give it something else. */
export interface Ports {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly secrets: Secrets;
  /** The last lines of the log. Absent: nobody keeps them. */
  readonly log?: LogRing;
}

export interface Clock {
  /** Wall-clock time. */
  now(): Millis;
}

/** Structured: `logger.info({ site, path }, 'what happened')`; a child per site, peer and transfer. */
export type Logger = PinoLogger;

/** Keeps what only this install may know: the passwords of saved targets. */
export interface Secrets {
  /**
   * Who else could read it: `system` keeps it for this user of this machine (a keychain), `file` for whoever can read a file
   * beside the identity, `none` not at all: then nothing may be written down.
   */
  readonly protection: 'system' | 'file' | 'none';
  /** As a text that may be stored. Rejects `secret.unprotected`. */
  seal(plain: string): Promise<string>;
  /** What `seal` made of it. Rejects `secret.unreadable`: it was sealed elsewhere, or is damaged. */
  open(sealed: string): Promise<string>;
}

export const systemClock: Clock = { now: () => Date.now() };
