import { randomBytes } from 'node:crypto';
import type { TargetImport } from '../../../shared/contract/target-import.ts';
import type {
  JobState,
  PublishJob,
  PublishTo,
  Target,
  TargetPlace,
  TargetTest,
} from '../../../shared/contract/publishing.ts';
import { JOBS_MAX } from '../../../shared/contract/publishing.ts';
import { releaseName, type Together } from '../../../shared/contract/releases.ts';
import { ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { PublishedSite } from '../master/published-site.ts';
import type { OwnLogins } from '../master/own-logins.ts';
import type { Node } from '../install/node.ts';
import { type Begun, type OpenDrop, OpenDrops } from '../store/open-drops.ts';
import { PublishTargetStore } from '../store/publish-targets.ts';
import { refuseOwnFolder } from '../tree/own-folder.ts';
import { compare, type Comparison } from './compare.ts';
import type { TemporaryNames } from './file-way.ts';
import { HashCache } from './hash-cache.ts';
import { Job, type JobOptions, type Retry, RETRY, type Route } from './job.ts';
import { isOneFolder, readLocalTree, requireSources } from './local-tree.ts';
import { SentFiles } from './sent-files.ts';
import { laterRoute, ownRoute, targetRoute } from './routes.ts';
import { chooseLogins } from './logins/choose.ts';
import { Targets, testTarget } from './targets.ts';

/** Events of running jobs are gathered over this. */
const EVENT_MILLIS = 100;

export interface PublishingOptions {
  readonly node: Node;
  /** Absent at a mirror, which has targets only. */
  readonly logins: OwnLogins | undefined;
  /** Throws why it could not be opened, and `site.unknown`. */
  readonly site: (name: string) => PublishedSite;
  /** Where the own FTP server listens. Rejects `node.not-running` where it does not. */
  readonly listener: () => Promise<{ host: string; port: number }>;
  /** What `list` tells has changed; often, but not more than ten times a second. */
  readonly onChange: (jobs: PublishJob[]) => void;
  readonly retry?: Retry;
}

/** Where a drop goes. */
export type Destination =
  | { readonly kind: 'site'; readonly site: PublishedSite }
  | { readonly kind: 'target'; readonly target: string };

export interface DropOrder {
  readonly to: Destination;
  readonly sources: readonly string[];
  readonly into: SitePath | undefined;
  readonly delete: boolean;
}

export interface StartOrder extends DropOrder {
  /** As whoever asks for it names it. */
  readonly id: string | undefined;
  readonly name: string;
  readonly together: Together | undefined;
  readonly allowDeletes: boolean;
}

/** The drops of this install: one at a time for each place, the others wait for their turn. */
export class Publishing {
  readonly #options: PublishingOptions;
  readonly #targets: Targets;
  readonly #hashes = new HashCache();
  /** By target. */
  readonly #names = new Map<string, TemporaryNames>();
  readonly #jobs = new Map<string, Job>();
  readonly #open: OpenDrops;
  readonly #ending = new AbortController();
  readonly #looking = new Set<Promise<unknown>>();
  /** What browsers have sent for drops. */
  readonly sent: SentFiles;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PublishingOptions) {
    this.#options = options;
    const { store, ports } = options.node;
    this.#targets = new Targets(new PublishTargetStore(store), ports.secrets);
    this.#open = new OpenDrops(store);
    this.sent = new SentFiles(options.node.dataDir, () =>
      [...this.#jobs.values()].flatMap((job) => (job.hasEnded ? [] : job.sources)),
    );
  }

  /**
   * Once the sites are open: what had not ended when the process before did is told as that, and goes on when a person says so; what was
   * published nonetheless is told as done, which a process that runs on tells all who ask, and one that serves a command leaves for others to
   * tell, too.
   */
  restore(how: 'to run on' | 'for a command'): void {
    const { drops, unreadable } = this.#open.list();
    for (const drop of unreadable) {
      this.#options.node.ports.logger.error(
        { drop },
        'a drop that had not ended cannot be read any more: it is forgotten',
      );
      this.#forget({ id: drop.id, sources: [] });
    }
    for (const { id, startedAt, asked, begun } of drops) {
      const published = this.#open.releaseOf(id);
      const state: JobState = published
        ? { is: 'done', release: published.release, changes: published.changes }
        : { is: 'stopped', error: interrupted(asked).toJSON() };
      const begins = { startedAt, state, begun, ...(published && { endedAt: published.at }) };
      const route = laterRoute(() => this.#route({ ...asked, to: this.#destination(asked.to) }, asked.name, id, begun));
      const job = this.#add({ ...asked, id, allowDeletes: false, route, begins });
      if (how === 'to run on') this.#clear(job);
    }
  }

  targets(): Target[] {
    return this.#targets.list();
  }

  /** `password` absent: that of the target of this name stays. */
  async addTarget(
    place: TargetPlace,
    password: string | undefined,
    how: { remember: boolean; replace: boolean },
  ): Promise<Target> {
    // With another password, or a confirmed certificate, a drop that has stopped can go on.
    if (how.replace && !this.#targets.isSamePlace(place)) this.#requireIdle(place.name);
    return this.#targets.add(place, password ?? (await this.#targets.passwordFor(place)), how);
  }

  /** Rejects `import.*`, `secret.unprotected`. */
  async importTargets(
    text: string,
    { only, dryRun }: { only: readonly string[] | undefined; dryRun: boolean },
  ): Promise<TargetImport> {
    const { kind, targets, skipped } = chooseLogins(text, this.targets());
    const missing = only?.find((name) => !targets.some(({ place }) => place.name === name));
    if (missing !== undefined) throw new AppError('import.no-such', { name: missing });
    const wanted = targets.filter(({ place }) => only?.includes(place.name) ?? true);
    if (!dryRun) await this.#targets.addAll(wanted);
    return {
      kind,
      targets: wanted.map(({ place, password }) => ({ ...place, hasPassword: password !== undefined })),
      skipped: [...skipped],
    };
  }

  /** Drops to it that were cancelled, and of which its server cannot be asked, are forgotten with it. Throws `target.busy`, `target.unknown`. */
  removeTarget(name: string): void {
    const jobs = this.#unended(name);
    if (!jobs.every(({ cannotBeAsked }) => cannotBeAsked)) throw new AppError('target.busy', { name });
    this.#targets.remove(name);
    for (const job of jobs) {
      this.#jobs.delete(job.id);
      this.#forget(job);
    }
    this.#changed();
  }

  /** `password` absent: that of the saved target of this name. */
  async testTarget(place: TargetPlace, password: string | undefined): Promise<TargetTest> {
    const word = password ?? (await this.#targets.passwordFor(place));
    return this.#look(testTarget({ ...place, password: word }, place.folder, this.#ending.signal));
  }

  savedTarget(name: string): TargetPlace {
    const { sealed: _, ...place } = this.#targets.get(name);
    return place;
  }

  /** Changes nothing. Rejects `publish.*`, `file.*`, `release.too-large`. */
  async plan(order: DropOrder): Promise<{ found: Comparison; atOnce: boolean }> {
    const route = await this.#route(order, 'comparing', newId());
    return this.#look(this.#compare(order, route).finally(() => route.close()));
  }

  /**
   * Rejects `release.bad-name`, `target.*`, `publish.own-folder`, `file.*` of a source that is not there; what happens later stands
   * in the job. One of this id that there is already is the one.
   */
  async start(order: StartOrder): Promise<PublishJob> {
    const name = releaseName.safeParse(order.name);
    if (!name.success) throw new AppError('release.bad-name');
    await requireSources(order.sources);
    const { id = newId() } = order;
    const route = await this.#route(order, name.data, id);
    const known = this.#jobs.get(id);
    if (known) {
      route.close();
      return known.show();
    }
    this.#requireRoom(route);
    const { to, sources, into, delete: withDelete, together, allowDeletes } = order;
    const asked = { to: shown(to), name: name.data, sources: [...sources], into, delete: withDelete, together };
    const startedAt = this.#options.node.now();
    try {
      this.#open.add({ id, startedAt, asked });
    } catch (error) {
      route.close();
      throw error;
    }
    const job = this.#add({ ...asked, id, allowDeletes, route, begins: { startedAt, state: { is: 'queued' } } });
    this.#next();
    this.#changed();
    return job.show();
  }

  /** The oldest first. */
  list(): PublishJob[] {
    return [...this.#jobs.values()].map((job) => job.show());
  }

  async cancel(id: string): Promise<PublishJob> {
    const job = this.#job(id);
    try {
      await job.cancel();
    } finally {
      this.#clear(job);
      this.#next();
    }
    return job.show();
  }

  resume(id: string, allowDeletes: boolean): PublishJob {
    const job = this.#job(id);
    job.resume(allowDeletes);
    this.#next();
    return job.show();
  }

  /** Forgets one that has ended. Throws `publish.ended` where it has not: it has to be cancelled first. */
  dismiss(id: string): void {
    const job = this.#job(id);
    if (!job.hasEnded) throw new AppError('publish.ended');
    this.#jobs.delete(id);
    this.#forget(job);
    this.#changed();
  }

  /** Breaks off what runs. Idempotent. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#ending.abort(new AppError('cancelled'));
    await Promise.allSettled(this.#looking);
    await Promise.all([...this.#jobs.values()].map((job) => job.stop()));
    clearTimeout(this.#timer);
  }

  async #route(
    { to, sources, delete: withDelete }: DropOrder,
    title: string,
    drop: string,
    begun: Begun = {},
  ): Promise<Route> {
    this.#ending.signal.throwIfAborted();
    if (withDelete && !(await isOneFolder(sources))) throw new AppError('publish.delete-one-folder');
    const { node, logins, listener } = this.#options;
    switch (to.kind) {
      case 'target': {
        const { folder } = this.#targets.get(to.target);
        const names = this.#namesFor(to.target);
        const note = { begun, note: (now: Begun) => this.#note(drop, now) };
        return targetRoute({ endpoint: () => this.#targets.endpoint(to.target), folder, title, names, note });
      }
      case 'site': {
        const { site } = to;
        await refuseOwnFolder(sources, site.name, site.files.root.folder);
        if (!logins) throw new TypeError('a site without a master');
        const bytesMax = node.config.ftp?.limits.uploadBytes ?? Number.MAX_SAFE_INTEGER;
        return ownRoute({ site: site.files, bytesMax, title, logins, drop, listener, identity: node.identity });
      }
    }
  }

  #destination(to: PublishTo): Destination {
    return to.kind === 'target' ? to : { kind: 'site', site: this.#options.site(to.site ?? '') };
  }

  #add(order: Omit<JobOptions, 'hashes' | 'clock' | 'logger' | 'retry' | 'onChange'>): Job {
    const { node, retry = RETRY } = this.#options;
    const { clock, logger } = node.ports;
    const job = new Job({
      ...order,
      hashes: this.#hashes,
      clock,
      logger: logger.child({ part: 'publish' }),
      retry,
      onChange: () => this.#changed(),
    });
    this.#jobs.set(job.id, job);
    this.#forgetOld();
    return job;
  }

  async #compare(order: DropOrder, route: Route): Promise<{ found: Comparison; atOnce: boolean }> {
    const { into = ROOT, sources } = order;
    const { signal } = this.#ending;
    const tree = await readLocalTree(sources, into, signal);
    const { way, place, width, end } = await route.look(signal);
    try {
      const options = { into, delete: order.delete, hashes: this.#hashes, signal, width };
      return { found: await compare(tree, place, options), atOnce: way.atOnce };
    } finally {
      await end();
    }
  }

  #namesFor(target: string): TemporaryNames {
    const known = this.#names.get(target);
    const names = known ?? { owner: `${this.#options.node.identity.id} ${target}` };
    this.#names.set(target, names);
    return names;
  }

  #next(): void {
    if (this.#ending.signal.aborted) return;
    const busy = new Set([...this.#jobs.values()].flatMap((job) => (isBusy(job) ? [placeOf(job.to)] : [])));
    for (const job of this.#jobs.values()) {
      if (job.state.is !== 'queued' || busy.has(placeOf(job.to))) continue;
      busy.add(placeOf(job.to));
      void job.run().then(() => {
        this.#clear(job);
        this.#next();
      });
    }
  }

  #note(drop: string, begun: Begun): void {
    try {
      this.#open.note(drop, begun);
    } catch (err) {
      // It is of use only where this process ends in the midst of it.
      this.#options.node.ports.logger.warn({ err }, 'what a drop has begun could not be noted');
    }
  }

  /** Nothing of it has to be kept for another start, nor what a browser has sent. */
  #clear(job: Job): void {
    if (job.hasEnded) this.#forget(job);
  }

  #forget(job: Pick<Job, 'id' | 'sources'>): void {
    const { logger } = this.#options.node.ports;
    try {
      this.#open.remove(job.id);
    } catch (err) {
      // The database's disk is full, say: the next start finds out what came of it.
      logger.warn({ err }, 'a drop that has ended could not be noted as that');
    }
    this.sent.ended(job.sources).catch((err: unknown) => {
      logger.warn({ err }, 'what a browser has sent cannot be removed');
    });
  }

  #job(id: string): Job {
    const job = this.#jobs.get(id);
    if (!job) throw new AppError('publish.unknown', { job: id });
    return job;
  }

  #requireIdle(name: string): void {
    if (this.#unended(name).length > 0) throw new AppError('target.busy', { name });
  }

  #unended(target: string): Job[] {
    return [...this.#jobs.values()].filter(
      ({ to, hasEnded }) => !hasEnded && to.kind === 'target' && to.target === target,
    );
  }

  #requireRoom(route: Route): void {
    if ([...this.#jobs.values()].filter(({ hasEnded }) => !hasEnded).length < JOBS_MAX) return;
    route.close();
    throw new AppError('publish.too-many', { count: JOBS_MAX });
  }

  #forgetOld(): void {
    const ended = [...this.#jobs.values()].filter(({ hasEnded }) => hasEnded);
    for (const { id } of ended.slice(0, Math.max(0, this.#jobs.size - JOBS_MAX))) this.#jobs.delete(id);
  }

  async #look<T>(work: Promise<T>): Promise<T> {
    this.#looking.add(work);
    try {
      return await work;
    } finally {
      this.#looking.delete(work);
    }
  }

  #changed(): void {
    if (this.#ending.signal.aborted) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#options.onChange(this.list());
    }, EVENT_MILLIS);
  }
}

function newId(): string {
  return randomBytes(8).toString('hex');
}

function isBusy({ state }: Job): boolean {
  return state.is !== 'queued' && state.is !== 'stopped' && state.is !== 'done' && state.is !== 'cancelled';
}

function placeOf(to: PublishTo): string {
  return to.kind === 'site' ? `site ${to.site ?? ''}` : `target ${to.target}`;
}

function shown(to: Destination): PublishTo {
  return to.kind === 'site' ? { kind: 'site', site: to.site.name } : { kind: 'target', target: to.target };
}

/** What is known of a drop that had not ended when the process did. */
function interrupted({ name, to }: OpenDrop['asked']): AppError {
  if (to.kind === 'target') return new AppError('publish.left', { name, target: to.target });
  return new AppError('publish.interrupted', { name });
}
