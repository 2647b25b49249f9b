import { type Level, pino } from 'pino';
import { fileSecrets } from '../../engine/install/file-secrets.ts';
import { createLog } from '../../engine/log/logger.ts';
import { type Ports, systemClock } from '../../engine/ports.ts';
import { logDestination } from './log-destination.ts';

/** For commands that open a data folder for a moment: what is worth saying is said by the command. */
export function quietPorts(dataDir: string): Ports {
  return { clock: systemClock, logger: pino({ level: 'silent' }), secrets: fileSecrets(dataDir) };
}

/** For `lockstep run`: JSON lines on standard error. */
export function servicePorts(level: Level, dataDir: string): Ports {
  const { logger, ring } = createLog(level, logDestination(process.env));
  return { clock: systemClock, logger, secrets: fileSecrets(dataDir), log: ring };
}
