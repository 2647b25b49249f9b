import type { Logger as PinoLogger } from 'pino';
import type { Millis } from '../../shared/domain/change.ts';

/** What the engine is given from outside, so that tests can give it something else. */
export interface Ports {
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Clock {
  /** Wall-clock time. */
  now(): Millis;
}

/** Structured: `logger.info({ site, path }, 'what happened')`; a child per site, peer and transfer. */
export type Logger = PinoLogger;

export const systemClock: Clock = { now: () => Date.now() };
