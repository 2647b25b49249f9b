import { mkdir } from 'node:fs/promises';
import { pino } from 'pino';
import { Notifier } from '../../../electron/engine/master/notifier/notifier.ts';
import { WordGiver } from '../../../electron/engine/master/release/word-giver.ts';
import { Deliveries } from '../../../electron/engine/store/deliveries.ts';
import { Journal } from '../../../electron/engine/store/journal.ts';
import { openStore } from '../../../electron/engine/store/open.ts';
import { PeerStore } from '../../../electron/engine/store/peers.ts';
import { syncFolder } from '../../../electron/engine/tree/sync-file.ts';
import { SiteRoot } from '../../../electron/engine/tree/site-root.ts';
import { MIRROR } from './peers.ts';
import { quietSite } from '../../support/quiet-site.ts';

export type MasterMachine = Awaited<ReturnType<typeof startMaster>>;

/** A master of the site `www`, all below `prefix`, as after a start of its machine. */
export async function startMaster(prefix: string, log: (line: string) => void) {
  const tree = `${prefix}/site`;
  // Somebody made the folder long ago.
  await mkdir(tree, { recursive: true });
  await syncFolder(prefix);
  const store = await openStore(`${prefix}/lockstep.db`);
  const journal = new Journal(store, 'www');
  const clock = { now: () => Date.now() };
  const logger = pino({ level: 'warn' }, { write: log });
  const deliveries = new Deliveries(store, journal.site);
  new PeerStore(store).save(MIRROR, Date.now());
  if (!deliveries.subscription(MIRROR.id)) deliveries.subscribe(MIRROR.id);
  const site = quietSite({
    root: await SiteRoot.open(tree, true),
    store,
    journal,
    clock,
    logger,
    concerns: () => deliveries.subscriptions().map(({ peer }) => peer),
    onChange: () => {
      notifier.wake('www');
      word.look();
    },
  });
  const notifier: Notifier = new Notifier({
    sites: () => [
      {
        name: 'www',
        journal,
        deliveries,
        releases: site.releases.records,
        word,
        announcer: undefined,
        routes: [],
        router: undefined,
      },
    ],
    clock,
  });
  const word: WordGiver = new WordGiver({
    releases: site.releases.records,
    clock,
    tell: (release) => notifier.go('www', release),
    isPaused: () => false,
    onChange: () => undefined,
  });
  for (const row of store.all('SELECT id, done, steps FROM plan')) log(`a plan is left: ${JSON.stringify(row)}`);
  const started = await site.start();
  return {
    site,
    store,
    journal,
    notifier,
    started,
    async stop() {
      word.stop();
      await site.stop();
      deliveries.close();
      store.close();
    },
  };
}
