import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { MasterSiteOptions } from '../../electron/engine/master/site.ts';
import { Journal } from '../../electron/engine/store/journal.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import { quietSite } from './quiet-site.ts';
import { temporaryFolder } from './temporary-folder.ts';

export type ReleaseSiteUnderTest = Awaited<ReturnType<typeof releaseSite>>;

/** The site of a master, in a folder of its own or in that of a site before it. `treeOfBefore`: its database is elsewhere. */
export async function releaseSite(options: Partial<MasterSiteOptions> = {}, folder?: string, treeOfBefore?: string) {
  const home = folder ?? (await temporaryFolder());
  const tree = treeOfBefore ?? join(home, 'site');
  await mkdir(tree, { recursive: true });
  const store = await openStore(join(home, 'lockstep.db'));
  const journal = new Journal(store, 'www');
  const site = quietSite({ root: await SiteRoot.open(tree, true), store, journal, ...options });
  const started = await site.start().catch((error: unknown) => {
    store.close();
    throw error;
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= site.stop().then(() => store.close()));
  onTestFinished(stop);
  return { home, tree, store, journal, site, started, stop };
}
