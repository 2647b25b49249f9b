import type { Status } from '../../shared/contract/status.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { Lock } from './core/lock.ts';
import type { Live } from './live/live.ts';
import { LostRoots } from './tree/lost-roots.ts';
import { Master } from './master/master.ts';
import type { PublishedSite } from './master/published-site.ts';
import { Mirror } from './mirror/mirror.ts';
import type { Node } from './install/node.ts';
import type { StatusSources } from './status/sources.ts';

/** The sites of an install: those that a master publishes, or those that a mirror follows. */
export class InstallSites {
  readonly master: Master | undefined;
  readonly mirror: Mirror | undefined;
  readonly #node: Node;
  readonly #lock = new Lock();
  readonly #lost = new LostRoots();
  readonly #onChange: () => void;
  #faults = new Map<string, AppError>();

  constructor(node: Node, live: Live, onChange: () => void) {
    this.#node = node;
    this.#onChange = onChange;
    const onBug = (error: unknown): void => {
      node.ports.logger.fatal({ err: error }, 'a bug: the engine stops');
      // Whatever supervises this process starts it again from what is on disk.
      setImmediate(() => {
        throw error;
      });
    };
    if (node.config.node.role === 'master') this.master = new Master(node, live, onChange, onBug);
    else this.mirror = new Mirror(node, live, onChange, onBug);
  }

  /** Sites that could not be opened. */
  get faulty(): string[] {
    return [...this.#faults.keys()];
  }

  /** Throws why it could not be opened, and `site.unknown`. */
  published(name: string): PublishedSite {
    const site = this.#faults.get(name) ?? this.master?.site(name) ?? new AppError('site.unknown', { site: name });
    if (site instanceof AppError) throw site;
    return site;
  }

  /** Opens, closes and changes sites until they are what the config says. */
  apply(): Promise<void> {
    return this.#lock.run(async () => {
      const { sites, follows } = this.#node.config;
      const faults = this.master ? this.master.apply(sites) : this.mirror?.apply(follows);
      const before = this.#faults;
      this.#faults = (await faults) ?? new Map<string, AppError>();
      // They are tried again and again.
      for (const [site, { code, params }] of this.#faults)
        if (before.get(site)?.code !== code) this.#node.ports.logger.error({ site, code, params }, 'site not opened');
    });
  }

  /** Looks whether each site still has its folder: a disk may be unmounted, and come back. True: one of them has not. */
  lookAtRoots(): boolean {
    const sites = [...(this.master?.rooted() ?? []), ...(this.mirror?.rooted() ?? [])];
    if (this.#lost.look(sites, this.#node.now())) this.#onChange();
    return this.#lost.all.size > 0;
  }

  /**
   * Looks for another folder, or a disk, that has come into one that is watched; and at what could not be published: it may be gone, and
   * what can be read by now is published, where the folder is watched.
   */
  lookAtFolders(): void {
    for (const { files, watch } of this.master?.sites() ?? []) {
      watch?.look();
      files.unfit.look(watch);
    }
  }

  sources(
    running: boolean,
    listeners: Status['listeners'],
    live: Live | undefined,
    link: StatusSources['link'],
  ): StatusSources {
    this.lookAtRoots();
    return {
      node: this.#node,
      master: this.master,
      mirror: this.mirror,
      running,
      listeners,
      live,
      link,
      siteFaults: this.#faults,
      lostRoots: this.#lost.all,
    };
  }

  sweep(): Promise<void> {
    return this.#lock.run(async () => {
      await this.master?.sweep();
      await this.mirror?.sweep();
    });
  }

  /** What is under way comes to its end first. */
  stop(): Promise<void> {
    return this.#lock.run(async () => {
      await this.master?.stop();
      await this.mirror?.stop();
    });
  }
}
