import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { Scans } from '../../electron/engine/master/scans.ts';
import { EventQueue } from '../../electron/engine/master/watch/event-queue.ts';
import { SiteWatch } from '../../electron/engine/master/watch/site-watch.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import type { TestMaster } from './master-and-mirror.ts';

/** The watch of a test master's site, begun; stopped after the test. `held`: it is not waited for, as it cannot begin. */
export async function watchSite(master: TestMaster, held?: 'held') {
  const scans = new Scans(master.site);
  let ready = (): void => undefined;
  const watching = new Promise<void>((resolve) => (ready = resolve));
  const watch = new SiteWatch({
    site: master.site,
    scan: async (options) => {
      const outcome = await scans.scan(options);
      ready();
      return outcome;
    },
    queue: new EventQueue(),
    clock: systemClock,
    logger: pino({ level: process.env['LOCKSTEP_TEST_LOG'] ?? 'silent' }),
    onChange: () => undefined,
  });
  watch.start();
  onTestFinished(async () => {
    await watch.stop();
    await scans.stop();
  });
  if (held === undefined) await watching;
  return { watch, scans };
}

/** The journal as lines, for comparing all of it. */
export function journalOf(master: TestMaster): string[] {
  const sql = 'SELECT op, path, origin, size, account FROM journal ORDER BY seq';
  return master.store
    .all(sql)
    .map(({ op, path, origin, size, account }) =>
      [op, origin, path, size, account].filter((value) => value !== null).join(' '),
    );
}
