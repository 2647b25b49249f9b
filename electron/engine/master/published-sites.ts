import type { SiteConfig } from '../../../shared/contract/config.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../../shared/errors/codes.ts';
import { DAY_MILLIS } from '../core/keeping.ts';
import { Lock } from '../core/lock.ts';
import { compileRoutes, type Router } from '../core/routes.ts';
import type { Live } from '../live/live.ts';
import type { RootedSite } from '../tree/lost-roots.ts';
import type { Node } from '../install/node.ts';
import { Deliveries } from '../store/deliveries.ts';
import { Journal } from '../store/journal.ts';
import { findSite } from '../store/sites.ts';
import { claimFolder } from '../claim/claim-folder.ts';
import { claimRoot, forgetMark } from '../claim/root-mark.ts';
import { rootError } from '../tree/file-error.ts';
import { SiteRoot } from '../tree/site-root.ts';
import { createReferenceFinder } from './find-references.ts';
import { Announcer } from './notifier/announcer.ts';
import type { Notifier } from './notifier/notifier.ts';
import type { PublishedSite } from './published-site.ts';
import { PutBack } from './put-back.ts';
import { WordGiver } from './release/word-giver.ts';
import type { ScanOptions, ScanOutcome } from './rescan.ts';
import { RULES_AUTHOR, rulesOf } from './rules.ts';
import { Scans } from './scans.ts';
import { MasterSite } from './site.ts';
import { EventQueue } from './watch/event-queue.ts';
import { SiteWatch } from './watch/site-watch.ts';

/** Why mirrors are told nothing still, although all of the tree that could be read was. */
const STILL_WAITS: ReadonlySet<ErrorCode> = new Set(['guard.held', 'site.unread']);

export interface PublishedSitesOptions {
  readonly node: Node;
  readonly live: Live;
  readonly onChange: () => void;
  /** It tells the mirrors of these sites. */
  readonly notifier: () => Notifier;
  /** The site is about to be closed: who is logged in to it is out. */
  readonly endSessions: (site: PublishedSite) => Promise<void>;
  readonly endCheck: (site: PublishedSite) => Promise<void>;
}

/** The sites of a master, as the config has them: each is opened and closed here, watched, read, and announced. */
export class PublishedSites {
  readonly putBack = new PutBack();
  readonly #options: PublishedSitesOptions;
  readonly #node: Node;
  readonly #sites = new Map<string, PublishedSite>();
  readonly #queue = new EventQueue();
  readonly #announcing = new Lock();
  #watching = false;

  constructor(options: PublishedSitesOptions) {
    this.#options = options;
    this.#node = options.node;
  }

  all(): PublishedSite[] {
    return [...this.#sites.values()];
  }

  get(name: string): PublishedSite | undefined {
    return this.#sites.get(name);
  }

  /** What has a folder that may be lost; see `LostRoots`. */
  rooted(): RootedSite[] {
    return this.all().map(({ name, files }) => ({
      name,
      root: files.root,
      rootChanged: (error) => this.#rootChanged(name, error),
    }));
  }

  /** A person says that what stands at this place is the folder of the site from now on. Rejects as `claimRoot`, and `site.no-folder`. */
  async adoptRoot(name: string, folder: string): Promise<void> {
    const { store, claimant } = this.#node;
    const open = this.#sites.get(name)?.files.root;
    const root = await SiteRoot.open(folder, true, { publishes: name });
    await claimFolder(root.folder, name, { claimant, takeOver: true });
    forgetMark(store, name);
    // One that could not be opened is opened next, and claims it then.
    if (open?.folder === root.folder) await claimRoot(store, name, open, true, claimant);
  }

  #rootChanged(name: string, error: AppError | undefined): void {
    const logger = this.#node.ports.logger.child({ site: name });
    const watch = this.#sites.get(name)?.watch;
    if (error) {
      logger.error({ code: error.code, params: error.params }, 'the folder of the site is lost: nothing is published');
      watch?.lost(error);
    } else {
      logger.warn('the folder of the site is there again');
      watch?.retry();
    }
  }

  /** Opens, closes and changes sites until they are what the config says. A site that cannot be opened is reported, the others go on. */
  async apply(configs: readonly SiteConfig[]): Promise<Map<string, AppError>> {
    const faults = new Map<string, AppError>();
    for (const name of [...this.#sites.keys()]) {
      const config = configs.find((candidate) => candidate.name === name);
      if (!config || config.root !== this.#sites.get(name)?.config.root) await this.#close(name);
    }
    for (const config of configs) {
      try {
        const open = this.#sites.get(config.name);
        await (open ? this.#adopt(open, config) : this.#open(config));
      } catch (thrown) {
        const error = rootError(thrown, config.root);
        if (!(error instanceof AppError)) throw error;
        faults.set(config.name, error);
      }
    }
    return faults;
  }

  /** From now on sites are watched where the config says so, and new ones are read once. Never called at rest. */
  startWatching(): void {
    this.#watching = true;
    for (const site of this.#sites.values()) this.#startWatch(site);
    for (const name of this.#sites.keys()) void this.announce(name);
  }

  /**
   * See `rescan`. In a watched folder what has changed in this moment is left to the watch, and waited for until it stands still;
   * what is written to for longer is not.
   */
  async rescan(name: string, options: Pick<ScanOptions, 'allowedDeletes'> = {}): Promise<ScanOutcome> {
    const site = this.#sites.get(name);
    if (!site) throw new AppError('site.unknown', { site: name });
    const { scans, watch } = site;
    const waited = this.putBack.waits(name);
    const whole = waited && options.allowedDeletes !== Number.POSITIVE_INFINITY;
    const outcome = await scans.scan({ ...options, whole, ...(watch && { watch }) }).catch((error: unknown) => {
      // It would delete more by now than somebody has agreed to: they are asked again.
      if (error instanceof AppError && STILL_WAITS.has(error.code)) {
        if (waited && this.putBack.waits(name)) this.#notRead(name, error);
        if (watch?.trouble) watch.retry();
      }
      throw error;
    });
    watch?.retry();
    if (waited && this.putBack.waits(name) && this.#sites.get(name)?.scans === scans) {
      this.putBack.end(name);
      this.#options.notifier().renew(name);
      await this.announce(name, 'anew');
    }
    return { ...outcome, changed: outcome.changed + ((await watch?.caughtUp()) ?? 0) };
  }

  async stop(): Promise<void> {
    for (const name of [...this.#sites.keys()]) await this.#close(name);
  }

  /** Drops what is older than the config keeps, and parts that nobody continued. */
  async sweep(): Promise<void> {
    for (const { name, files, journal, releases, config } of this.#sites.values()) {
      try {
        const before = this.#node.now() - config.keepDays * DAY_MILLIS;
        await files.sweep();
        journal.trim(before);
        releases.trim();
      } catch (error) {
        this.#node.ports.logger.error({ err: error, site: name }, 'site not swept');
      }
    }
  }

  /** Announces changes by multicast where, and as, the config says; `anew`: by another secret. */
  announce(name: string, anew?: 'anew'): Promise<void> {
    return this.#announcing.run(async () => {
      const site = this.#sites.get(name);
      if (!site || !this.#watching) return;
      if (!anew && JSON.stringify(site.announcer?.config) === JSON.stringify(site.config.multicast)) return;
      await site.announcer?.stop();
      const current = this.#sites.get(name);
      if (current?.files !== site.files) return;
      this.#change(current, { announcer: this.#createAnnouncer(current) });
      this.#options.notifier().offer(name);
    });
  }

  #createAnnouncer({ name, config: { multicast }, journal }: PublishedSite): Announcer | undefined {
    if (!multicast) return undefined;
    const { identity, ports } = this.#node;
    const logger = ports.logger.child({ site: name, part: 'multicast' });
    try {
      return new Announcer({ journal, key: identity.key, clock: ports.clock, logger, config: multicast });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.error({ code: error.code, params: error.params }, 'changes are told over links only');
      return undefined;
    }
  }

  /**
   * The data folder is an older copy. The tree may be ahead of the index: it is read first, so that mirrors need not give up
   * and fetch again what came since. The site may end in between.
   */
  async renew(name: string): Promise<void> {
    if (!this.#sites.has(name) || !this.putBack.begin(name)) return;
    const logger = this.#node.ports.logger.child({ site: name });
    const isAgain = this.putBack.trouble(name) !== undefined;
    if (!isAgain)
      logger.warn('the journal was put back from an older copy: the tree is read, and the mirrors compare everything');
    try {
      await this.rescan(name);
    } catch (error) {
      if (!this.#sites.has(name)) return this.putBack.end(name);
      // By this index mirrors would delete what came after the copy was made.
      if (!isAgain)
        logger.error({ err: error }, 'the mirrors are told nothing before the tree is read: lockstep site rescan');
      this.#notRead(name, error);
      this.#options.onChange();
    }
  }

  #notRead(name: string, error: unknown): void {
    this.putBack.failed(name, error, this.#node.now(), () => void this.renew(name));
  }

  /** The config says something else of a site that is open. */
  async #adopt(before: PublishedSite, config: SiteConfig): Promise<void> {
    const { name, routes } = config;
    if (!config.watch) await before.watch?.stop();
    const unwatched = config.watch ? {} : { watch: undefined };
    const site = this.#change(before, { config, routes, router: routerOf(config), ...unwatched });
    if (!site) return;
    this.#startWatch(site);
    if (JSON.stringify(before.routes) !== JSON.stringify(routes)) this.#options.notifier().restart(name);
    await this.#setRules(site);
    await this.announce(name);
  }

  async #open(config: SiteConfig): Promise<void> {
    const { name, routes } = config;
    const { store, ports, claimant } = this.#node;
    const isNew = findSite(store, name) === undefined;
    const root = await SiteRoot.open(config.root, isNew, { publishes: name });
    const journal = new Journal(store, name);
    await claimRoot(store, name, root, isNew, claimant);
    const files = this.#createFiles(config, root, journal);
    const releases = files.releases.records;
    const word = new WordGiver({
      releases,
      clock: ports.clock,
      tell: (release) => this.#options.notifier().go(name, release),
      isPaused: (peer) => this.#options.notifier().isPaused(name, peer),
      onChange: this.#options.onChange,
    });
    const { complete } = await files.start();
    const site: PublishedSite = {
      name,
      config,
      routes,
      router: routerOf(config),
      files,
      journal,
      releases,
      word,
      // It begins to write by and by: only what is closed again opens it.
      deliveries: new Deliveries(store, journal.site),
      scans: new Scans(files),
      complete,
      announcer: undefined,
      watch: undefined,
    };
    this.#sites.set(name, site);
    word.look();
    this.#startWatch(site);
    this.#options.notifier().restart(name);
    await this.#setRules(site);
    await this.announce(name);
  }

  #createFiles(config: SiteConfig, root: SiteRoot, journal: Journal): MasterSite {
    const { name } = config;
    const { node, live, notifier, onChange } = this.#options;
    const { clock } = node.ports;
    const logger = node.ports.logger.child({ site: name });
    const current = (): SiteConfig => this.#sites.get(name)?.config ?? config;
    return new MasterSite({
      name,
      root,
      store: node.store,
      journal,
      clock,
      logger,
      // It may be set otherwise at any time.
      get uploadBytesMax() {
        return node.config.ftp?.limits.uploadBytes ?? Number.MAX_SAFE_INTEGER;
      },
      referencesOf: createReferenceFinder(() => current().links.urls, logger),
      versions: () => current().versions,
      concerns: (paths) => this.#concerned(name, paths),
      committed: (changes, by) => live.committed(name, changes, by),
      onAborted: (upload) => live.aborted(name, upload),
      onChange: () => {
        notifier().wake(name);
        this.#sites.get(name)?.word.look();
        onChange();
      },
    });
  }

  async #setRules({ files, config }: PublishedSite): Promise<void> {
    await files.setRules((rules) => rulesOf(config, rules), RULES_AUTHOR);
  }

  /** A site as it is by now, with this change of it; undefined: it has been closed, or opened anew, meanwhile. */
  #change({ name, files }: PublishedSite, change: Partial<PublishedSite>): PublishedSite | undefined {
    const current = this.#sites.get(name);
    if (current?.files !== files) return undefined;
    const changed = { ...current, ...change };
    this.#sites.set(name, changed);
    return changed;
  }

  /**
   * Whether a mirror is told of a path, as the routes of the site are now. A disk may know a file by names that no route was made for, in
   * another case or short: only the one in the journal counts.
   */
  gets(name: string, peer: string, path: SitePath): boolean {
    const site = this.#sites.get(name);
    if (!site?.router) return site !== undefined;
    const mirror = this.#node.peers.get(peer)?.name;
    return mirror !== undefined && site.router(path, mirror) && site.journal.index.entry(path) !== undefined;
  }

  /** The mirrors that are told of at least one of the paths. */
  #concerned(name: string, paths: readonly SitePath[]): string[] {
    const site = this.#sites.get(name);
    if (!site) return [];
    return site.deliveries.subscriptions().flatMap(({ peer }) => {
      const mirror = this.#node.peers.get(peer)?.name;
      const { router } = site;
      return mirror !== undefined && (!router || paths.some((path) => router(path, mirror))) ? [peer] : [];
    });
  }

  #startWatch(site: PublishedSite): void {
    if (!this.#watching || site.watch) return;
    const { clock, logger } = this.#node.ports;
    if (!site.config.watch) {
      // Nothing but rules was ever journalled: it was added to the config by hand. Or a crash left what cannot be rolled forward.
      const { head, rules } = site.journal;
      if ((head === rules.seq && site.journal.index.files() === 0) || !site.complete) this.#scan(site);
      return;
    }
    const watch = new SiteWatch({
      site: site.files,
      scan: (options) => site.scans.scan(options),
      queue: this.#queue,
      clock,
      logger: logger.child({ site: site.name, part: 'watch' }),
      onChange: this.#options.onChange,
    });
    this.#change(site, { watch });
    watch.start();
  }

  /** In the background; closing the site ends it. */
  #scan({ name, scans }: PublishedSite): void {
    const logger = this.#node.ports.logger.child({ site: name });
    scans.scan().then(
      ({ found }) => logger.info({ found }, 'a new site has been read'),
      (error: unknown) => logger.error({ err: error }, 'a new site was not read to its end'),
    );
  }

  async #close(name: string): Promise<void> {
    const site = this.#sites.get(name);
    if (!site) return;
    this.#sites.delete(name);
    // The number of its rows may be that of another site soon.
    this.#options.notifier().closed(name);
    await this.#options.endSessions(site);
    site.word.stop();
    await site.announcer?.stop();
    await this.#options.endCheck(site);
    // The watch may wait for somebody else who has the folder read.
    await Promise.all([site.watch?.stop(), site.scans.stop()]);
    await site.files.stop();
    this.putBack.end(name);
    site.deliveries.close();
  }
}

function routerOf(config: SiteConfig): Router | undefined {
  return config.routes.length === 0 ? undefined : compileRoutes(config.routes);
}
