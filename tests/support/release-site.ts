import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { MasterSite, type MasterSiteOptions } from '../../electron/engine/master/site.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { Journal } from '../../electron/engine/store/journal.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import { temporaryFolder } from './temporary-folder.ts';

export type ReleaseSiteUnderTest = Awaited<ReturnType<typeof releaseSite>>;

/** The site of a master, in a folder of its own or in that of a site before it. */
export async function releaseSite(options: Partial<MasterSiteOptions> = {}, folder?: string) {
  const home = folder ?? (await temporaryFolder());
  const tree = join(home, 'site');
  await mkdir(tree, { recursive: true });
  const store = await openStore(join(home, 'lockstep.db'));
  const journal = new Journal(store, 'www');
  const site = new MasterSite({
    name: 'www',
    root: await SiteRoot.open(tree, true),
    store,
    journal,
    clock: systemClock,
    logger: pino({ level: process.env['LOCKSTEP_TEST_LOG'] ?? 'silent' }),
    uploadBytesMax: 2 ** 40,
    onChange: () => {},
    ...options,
  });
  const started = await site.start().catch((error: unknown) => {
    store.close();
    throw error;
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= site.stop().then(() => store.close()));
  onTestFinished(stop);
  return { home, tree, store, journal, site, started, stop };
}
