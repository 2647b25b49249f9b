import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { Scans } from '../../electron/engine/master/scans.ts';
import { EventQueue } from '../../electron/engine/master/watch/event-queue.ts';
import { SiteWatch } from '../../electron/engine/master/watch/site-watch.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { aMaster } from './a-pair.ts';
import type { TestMaster } from './master-and-mirror.ts';
import { temporaryFolder } from './temporary-folder.ts';

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

/** A test master whose site is watched; `before`: what stands in its folder by then. */
export async function watchedSite(before: (root: string) => Promise<void> = async () => undefined) {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'site'));
  await before(join(folder, 'site'));
  const master = await aMaster([], folder);
  return { master, at: (path: string) => join(master.rootFolder, path), ...(await watchSite(master)) };
}

export async function fillPages(folder: string, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await writeFile(join(folder, `page-${index}.html`), `page ${index}`);
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
