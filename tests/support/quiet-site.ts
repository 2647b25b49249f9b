import { pino } from 'pino';
import { MasterSite, type MasterSiteOptions } from '../../electron/engine/master/site.ts';
import { systemClock } from '../../electron/engine/ports.ts';

/** The site `www` of a master, of which nobody is told. */
export function quietSite(
  options: Pick<MasterSiteOptions, 'root' | 'store' | 'journal'> & Partial<MasterSiteOptions>,
): MasterSite {
  return new MasterSite({
    name: 'www',
    clock: systemClock,
    logger: pino({ level: process.env['LOCKSTEP_TEST_LOG'] ?? 'silent' }),
    uploadBytesMax: 2 ** 40,
    versions: () => ({ days: 30, count: 10_000, bytes: 2 ** 31 }),
    concerns: () => [],
    referencesOf: () => Promise.resolve(undefined),
    onChange: () => undefined,
    committed: () => undefined,
    onAborted: () => undefined,
    ...options,
  });
}
