import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import type { z } from 'zod';
import {
  config as configSchema,
  type FollowConfig,
  type MulticastConfig,
  type SiteConfig,
} from '../../shared/contract/config.ts';
import { LINK_UNDERSTOOD, type LinkMessage } from '../../shared/contract/link.ts';
import { siteRules } from '../../shared/contract/rules.ts';
import type { LinkConditions } from '../../shared/contract/conditions.ts';
import { ROOT, type SitePath } from '../../shared/domain/site-path.ts';
import { defined } from '../../electron/engine/core/defined.ts';
import type { Peer } from '../../electron/engine/core/peer.ts';
import type { LinkSession } from '../../electron/engine/link/link-session.ts';
import { createFtpServer } from '../../electron/engine/master/ftp-server/ftp-server.ts';
import { Announcer } from '../../electron/engine/master/notifier/announcer.ts';
import { Notifier } from '../../electron/engine/master/notifier/notifier.ts';
import { createReferenceFinder } from '../../electron/engine/master/find-references.ts';
import { WordGiver } from '../../electron/engine/master/release/word-giver.ts';
import type { Accounts } from '../../electron/engine/master/site-files.ts';
import { MirrorSite } from '../../electron/engine/mirror/mirror-site.ts';
import type { Watcher } from '../../electron/engine/mirror/site-parts.ts';
import { compileRoutes } from '../../electron/engine/core/routes.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { Deliveries } from '../../electron/engine/store/deliveries.ts';
import { Journal } from '../../electron/engine/store/journal.ts';
import { openStore, type Store } from '../../electron/engine/store/open.ts';
import { PeerStore } from '../../electron/engine/store/peers.ts';
import { claimRoot } from '../../electron/engine/claim/root-mark.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import { makeCertificate } from './certificate.ts';
import { MemoryLink } from './memory-link.ts';
import { PATIENCE_MILLIS } from './until.ts';
import { quietSite } from './quiet-site.ts';

const logger = pino({ level: process.env['LOCKSTEP_TEST_LOG'] ?? 'silent' });
const BY = { account: 'tester' };
export const MIRROR_PASSWORD = 'a mirror in a test';

export const masterPeer: Peer = {
  id: 'a'.repeat(64),
  name: 'master',
  role: 'master',
  certificate: '',
  address: '127.0.0.1:1',
  dial: 'us',
};

export type TestMaster = Awaited<ReturnType<typeof startMaster>>;
export type TestMirror = Awaited<ReturnType<typeof startMirror>>;

/** A master of one site `www` with a real FTP server on loopback, without config, links and command line. */
export async function startMaster(folder: string, routes: SiteConfig['routes'] = [], multicast?: MulticastConfig) {
  const rootFolder = join(folder, 'site');
  await mkdir(rootFolder, { recursive: true });
  const store = await openStore(join(folder, 'lockstep.db'));
  const root = await SiteRoot.open(rootFolder, true);
  const journal = new Journal(store, 'www');
  const deliveries = new Deliveries(store, journal.site);
  const router = routes.length === 0 ? undefined : compileRoutes(routes);
  let isOpen = true;
  const published = () => ({
    name: 'www',
    journal,
    deliveries,
    releases: site.releases.records,
    word,
    announcer,
    routes,
    router,
  });
  /** What this master asks of each mirror, by its id. */
  const asked = new Map<string, LinkConditions>();
  const notifier = new Notifier({
    sites: () => (isOpen ? [published()] : []),
    clock: systemClock,
    conditions: (peer) => asked.get(peer) ?? {},
  });
  const identity = await makeCertificate();
  const announcer =
    multicast && new Announcer({ config: multicast, journal, key: identity.key, clock: systemClock, logger });
  const peers = new PeerStore(store);
  const site = quietSite({
    root,
    store,
    journal,
    logger,
    referencesOf: createReferenceFinder(() => ['https://www.example.org/'], logger),
    concerns: (paths) =>
      deliveries
        .subscriptions()
        .map(({ peer }) => peer)
        .filter((peer) => !router || paths.some((path) => router(path, peers.get(peer)?.name ?? ''))),
    onChange: () => {
      notifier.wake('www');
      word.look();
    },
  });
  const word = new WordGiver({
    releases: site.releases.records,
    clock: systemClock,
    tell: (release) => notifier.go('www', release),
    isPaused: (peer) => notifier.isPaused('www', peer),
    onChange: () => undefined,
  });
  await site.start();
  const accounts: Accounts = {
    isOwn: () => false,
    isMirror: () => false,
    isKnown: () => false,
    verify: async (user, password) =>
      password === MIRROR_PASSWORD
        ? { user, kind: user === 'up' ? 'publisher' : 'mirror', folder: ROOT, files: site }
        : undefined,
  };
  const config = configSchema.shape.ftp.unwrap().parse({ host: '127.0.0.1', port: 0, tls: 'optional' });
  const ftp = createFtpServer({ config, tls: identity, accounts, logger, clock: systemClock });
  const { port } = await ftp.listen();
  return {
    rootFolder,
    store,
    journal,
    deliveries,
    notifier,
    site,
    certificate: identity.cert,
    word,
    port,
    asked,
    ask(mirror: { readonly peer: Peer }, conditions: LinkConditions) {
      asked.set(mirror.peer.id, conditions);
      notifier.conditionsChanged(mirror.peer.id);
    },
    rules: (rules: z.input<typeof siteRules>) => site.setRules(() => siteRules.parse(rules), BY),
    async put(path: string, content: string | Buffer) {
      const upload = await site.beginUpload(path as SitePath, { by: BY });
      await upload.write(Buffer.from(content));
      return upload.commit();
    },
    mkdir: (path: string) => site.makeDir(path as SitePath, BY),
    remove: (path: string) => site.remove(path as SitePath, BY),
    rmdir: (path: string) => site.removeDir(path as SitePath, BY),
    rename: (from: string, to: string) => site.rename(from as SitePath, to as SitePath, BY),
    touch: (path: string, mtime: number) => site.touch(path as SitePath, mtime, BY),
    /** To its mirrors the site is not there: it could not be opened, say. Its files can be fetched. */
    hide() {
      isOpen = false;
    },
    /** It has been opened by now. */
    show() {
      isOpen = true;
      notifier.restart('www');
    },
    async stop() {
      isOpen = false;
      await ftp.stop();
      word.stop();
      await announcer?.stop();
      await site.stop();
      deliveries.close();
      store.close();
    },
  };
}

/** A mirror of `www`, linked in memory. It can be stopped and started again on the same folder. */
export async function startMirror(
  folder: string,
  name: string,
  follow: Partial<FollowConfig> = {},
  pausedAt?: number,
  watch?: (store: Store) => Watcher | Promise<Watcher>,
) {
  const rootFolder = join(folder, 'site');
  await mkdir(rootFolder, { recursive: true });
  const store = await openStore(join(folder, 'lockstep.db'));
  const root = await SiteRoot.open(rootFolder, true);
  store.run("INSERT INTO site (name) VALUES ('www') ON CONFLICT DO NOTHING");
  await claimRoot(store, 'www', root, false);
  const bugs: unknown[] = [];
  let certificate: string | undefined;
  const watcher = await watch?.(store);
  /** What the master said, by type. */
  const heard: Partial<Record<LinkMessage['type'], number>> = {};
  const site = new MirrorSite({
    follow: {
      site: 'www',
      master: masterPeer.id,
      root: rootFolder,
      exclude: [],
      transport: 'plain',
      connections: 4,
      deleteGuard: 1,
      drift: 'report',
      versions: { days: 30, count: 1000, bytes: 2 ** 30 },
      multicast: false,
      ...follow,
    },
    ...(pausedAt !== undefined && { pausedHere: { since: pausedAt } }),
    root,
    store,
    clock: systemClock,
    certificate: () => certificate,
    logger,
    onBug: (error) => bugs.push(error),
    onChange: () => undefined,
    ...(watcher && { watcher }),
  });
  await site.start();
  let link: MemoryLink | undefined;
  let listens = false;
  const peer: Peer = { ...masterPeer, id: name.padEnd(64, '0').slice(0, 64), name, role: 'mirror' };
  const mirror = {
    name,
    peer,
    rootFolder,
    site,
    store,
    bugs,
    heard,
    /** It has told its master that announcements come through, since it was told last where they are made. */
    listens: () => listens,
    /** `port`: of the master's FTP server, or of a proxy before it. */
    connect(master: TestMaster, port = master.port, understands: readonly string[] = LINK_UNDERSTOOD) {
      link?.cut();
      certificate = master.certificate;
      new PeerStore(master.store).save(peer, Date.now());
      if (!master.deliveries.subscription(peer.id)) master.deliveries.subscribe(peer.id);
      const atMirror = (session: LinkSession) => {
        const { state } = site;
        session.send({
          type: 'hello',
          protocol: 1,
          node: { name, role: 'mirror', version: 'test' },
          now: Date.now(),
          understands: [...understands],
          sites: [
            {
              site: 'www',
              journal: site.journal,
              seq: state.cursor,
              ...(state.term !== null && { term: state.term }),
              ...(state.knownTo < state.cursor && { knownTo: state.knownTo }),
              ...defined({ told: state.toldBeyond(site.journal) }),
              publishedSeq: state.publishedSeq(),
              conditions: site.conditions.told,
              filtered: site.follow.exclude.length > 0,
            },
          ],
        });
        site.setConditions({ asked: master.asked.get(peer.id) ?? {} });
        site.opened(session);
        site.greeted(understands);
        site.fetchFrom({ host: '127.0.0.1', port, user: name, password: MIRROR_PASSWORD, certificate: null });
        return {
          onMessage: (message: LinkMessage) => {
            heard[message.type] = (heard[message.type] ?? 0) + 1;
            if (message.type === 'multicast') listens = false;
            if (message.type === 'conditions') site.setConditions({ asked: message.conditions });
            else site.receive(session, message);
          },
          onClose: () => site.closed(session),
        };
      };
      const atMaster = (session: LinkSession) => {
        const own = master.notifier.open(session);
        return {
          onMessage: (message: LinkMessage) => {
            own.onMessage(message);
            if (message.type === 'listening') listens = true;
          },
          onClose: () => own.onClose(),
        };
      };
      link = new MemoryLink(peer, masterPeer, atMaster, atMirror);
    },
    cut: () => link?.cut(),
    pause: () => site.setConditions({ own: { ...site.conditions.own, pausedHere: { since: Date.now() } } }),
    resume: () => site.setConditions({ own: { ...site.conditions.own, pausedHere: undefined } }),
    /** Changes what was set for it, while it runs. */
    set: (change: Partial<FollowConfig>) =>
      site.setConditions({ own: { ...site.conditions.own, follow: { ...site.follow, ...change } } }),
    /** Resolves when all up to the master's head is published here. */
    async inStep(master: TestMaster, millis = Number(process.env['LOCKSTEP_PROPERTY_FAST'] ?? PATIENCE_MILLIS)) {
      const end = Date.now() + millis;
      while (Date.now() < end) {
        if (bugs.length > 0) throw bugs[0];
        const { state } = site;
        if (state.journal === master.journal.id && state.cursor >= master.journal.head && state.counts().waiting === 0)
          return;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      const { cursor } = site.state;
      const wants = store.all('SELECT path, kind, seq, state, error FROM want LIMIT 10');
      throw new Error(
        `not in step: cursor ${cursor}, head ${master.journal.head}, trouble ${site.trouble?.error}, ${JSON.stringify(wants)}`,
      );
    },
    async stop() {
      link?.cut();
      await site.stop();
      store.close();
    },
  };
  return mirror;
}
