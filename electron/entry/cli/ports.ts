import { pino } from 'pino';
import { type Ports, systemClock } from '../../engine/ports.ts';

/** For commands that open a data folder for a moment: what is worth saying is said by the command. */
export function quietPorts(): Ports {
  return { clock: systemClock, logger: pino({ level: 'silent' }) };
}

/** For `lockstep run`: JSON lines on standard error. */
export function servicePorts(level: string): Ports {
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
  return { clock: systemClock, logger };
}
