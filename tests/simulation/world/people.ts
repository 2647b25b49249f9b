import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { pathsBelow } from '../oracle/tree.ts';
import type { SeededRandom } from '../random.ts';
import { followOf } from './comings.ts';
import type { Install } from './install.ts';
import { LINKS, type Plan } from './plan.ts';
import type { World } from './world.ts';

const SITE = 'www';
const FOLDERS = ['a', 'b', 'c', 'a/x'];
const NAMES = ['one.txt', 'two.txt', 'index.html', 'page.html', 'x'];

/** What people do in the interface, by weight, while everything goes on. */
export type Deed =
  | 'routes'
  | 'excludes'
  | 'rules'
  | 'hours'
  | 'drift'
  | 'decide'
  | 'check'
  | 'folder'
  | 'version'
  | 'look';

/** People who change how things are set, decide about what waits, check, and look, at any moment. */
export class People {
  readonly #world: World;
  readonly #plan: Plan;
  readonly #random: SeededRandom;
  /** Asks something of an install, which may be refused, or never answered. */
  readonly #ask: (install: Install, work: () => Promise<unknown>) => void;
  #folders = 0;
  deeds = 0;

  constructor(
    world: World,
    plan: Plan,
    random: SeededRandom,
    ask: (install: Install, work: () => Promise<unknown>) => void,
  ) {
    this.#world = world;
    this.#plan = plan;
    this.#random = random;
    this.#ask = ask;
  }

  do(): void {
    this.deeds += 1;
    const { master, mirrors, installs, oracle } = this.#world;
    const random = this.#random;
    const mirror = random.pick(mirrors);
    switch (random.weighted<Deed>(this.#plan.deeds)) {
      case 'routes': {
        const folder = random.pick(FOLDERS);
        for (const { name } of mirrors) oracle.comesAndGoes(name, folder);
        const some = mirrors.filter(() => random.chance(0.4)).map(({ name }) => name);
        const routes = [{ glob: `${folder}/**`, mirrors: some }, ...this.#world.routes];
        return this.#ask(master, () => master.call('route.set', { routes: random.chance(0.7) ? routes : [] }));
      }
      case 'excludes': {
        const folder = random.pick(FOLDERS);
        oracle.comesAndGoes(mirror.name, folder);
        const exclude = random.chance(0.6) ? [`${folder}/**`] : [];
        return this.#ask(mirror, () => mirror.call('follow.set', { site: SITE, exclude }));
      }
      case 'rules':
        return this.#setRules();
      case 'hours': {
        const from = random.below(24);
        const hours = random.chance(0.5) ? null : { from, to: (from + 1 + random.below(23)) % 24 };
        const bytesPerSecond = random.chance(0.7) ? null : 4096 + random.below(100_000);
        const connections = 1 + random.below(6);
        return this.#ask(mirror, () => mirror.call('follow.set', { site: SITE, hours, bytesPerSecond, connections }));
      }
      case 'drift': {
        const drift = random.pick(['report', 'restore', 'keep'] as const);
        return this.#ask(mirror, () => mirror.call('follow.set', { site: SITE, drift }));
      }
      case 'decide':
        return this.#decide(random.chance(0.5) ? mirror : master);
      case 'check': {
        const install = random.chance(0.4) ? master : mirror;
        const mend = random.chance(0.5);
        return this.#ask(install, () => install.call('deep.start', { site: SITE, mend }));
      }
      case 'folder':
        return this.#publishFolder();
      case 'version':
        return this.#ask(master, () => this.#restoreVersion());
      case 'look':
        return this.#look(random.pick(installs));
    }
  }

  /** All is set as it was. */
  async setBack(): Promise<void> {
    if (Object.keys(this.#plan.deeds).length === 0) return;
    const { master, mirrors } = this.#world;
    await this.#world.setRoutes();
    for (const { name, members, rule, limit } of this.#plan.groups) {
      const group = { name, members: [...members], rule, limit, settle: 2_000, atLimit: 'publish' as const };
      await this.#world.until(master.call('group.add', { group, replace: true }));
    }
    for (const [at, mirror] of mirrors.entries()) {
      const plan = this.#plan.mirrors[at];
      if (!plan) throw new TypeError(`no plan for ${mirror.name}`);
      const always = { hours: null, bytesPerSecond: null };
      await this.#world.until(mirror.call('follow.set', { site: SITE, ...followOf(plan), ...always }));
    }
  }

  #setRules(): void {
    const { master } = this.#world;
    const random = this.#random;
    const [planned] = this.#plan.groups;
    if (planned && random.chance(0.6)) {
      const { name, members } = planned;
      if (random.chance(0.3)) return this.#ask(master, () => master.call('group.remove', { name }));
      const rule = random.pick(['all', 'settle'] as const);
      const settle = random.between(0, 5_000);
      const group = { name, members: [...members], rule, limit: 20_000, settle, atLimit: 'publish' as const };
      return this.#ask(master, () => master.call('group.add', { group, replace: true }));
    }
    const link = random.pick(LINKS);
    const how = random.chance(0.5) ? ('link.add' as const) : ('link.remove' as const);
    return this.#ask(master, () => master.call(how, link));
  }

  /** Something that waits is to go on at once, or is given up. */
  #decide(at: Install): void {
    const { scheduler, oracle, mirrors } = this.#world;
    this.#ask(at, async () => {
      const waiting = (await at.call('waiting.list', {})).filter(
        ({ id, site, kind }) => site === SITE && kind !== 'delete-guard' && !id.endsWith(':site'),
      );
      if (waiting.length === 0) return;
      const { id, kind, peer } = this.#random.pick(waiting);
      const how = this.#random.chance(0.6) ? 'publish' : 'discard';
      scheduler.note(`somebody says ${how} to ${kind} ${id} at ${at.name}`);
      const mirror = mirrors.includes(at) ? at.name : peer;
      if (mirror !== undefined) oracle.decided(mirror);
      await at.call('waiting.resolve', { id, how });
    });
  }

  /** A folder of the master's machine becomes a release. */
  #publishFolder(): void {
    const { master, scheduler } = this.#world;
    const random = this.#random;
    const folder = join(master.machine, `to-publish-${(this.#folders += 1)}`);
    const into = random.chance(0.5) ? (random.pick(FOLDERS) as SitePath) : undefined;
    const files = NAMES.filter(() => random.chance(0.5)).map(
      (name) => [name, `published ${random.chance(0.2) ? 'again' : `${this.#folders} ${name}`}`] as const,
    );
    if (random.chance(0.3)) files.push(['y/one.txt', `published ${this.#folders}`]);
    try {
      for (const [name, text] of files) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return;
      throw error;
    }
    if (files.length === 0) mkdirSync(folder);
    const also = {
      ...(into !== undefined && { into, delete: random.chance(0.5), allowDeletes: random.chance(0.5) }),
      ...(random.chance(0.2) && { together: { limit: random.between(5_000, 30_000) } }),
      dryRun: random.chance(0.1),
    };
    scheduler.note(`somebody publishes ${folder}: ${pathsBelow(folder).join()} into ${into ?? 'all of it'}`);
    this.#ask(master, () => master.call('release.publish', { site: SITE, folder, name: 'a folder', ...also }));
  }

  async #restoreVersion(): Promise<void> {
    const { master, oracle } = this.#world;
    const known = [...oracle.model.history.keys()];
    if (known.length === 0) return;
    const path = this.#random.pick(known) as SitePath;
    const versions = await master.call('version.list', { site: SITE, path });
    if (versions.length === 0) return;
    await master.call('version.restore', { site: SITE, path, seq: this.#random.pick(versions).seq });
  }

  /** Nothing that is only asked may fail but as it says, or change anything. */
  #look(install: Install): void {
    const { master, oracle, other } = this.#world;
    this.#ask(install, async () => {
      const site = install === other?.master ? 'blog' : SITE;
      await install.call('node.status', {});
      await install.call('site.browse', { site, folder: this.#random.pick(['', ...FOLDERS]) });
      await install.call('site.find', { site, part: 'e' });
      await install.call('history.list', { limit: 100 });
      const path = this.#random.pick([...oracle.model.tree.keys(), 'one.txt']) as SitePath;
      await install.call('site.file', { site, path });
      if (install !== master) return;
      const releases = await install.call('release.list', { site });
      if (releases.length === 0) return;
      const [one, two] = [this.#random.pick(releases), this.#random.pick(releases)];
      await install.call('release.show', { site, release: one.id });
      await install.call('release.preview', { site, release: one.id });
      await install.call('release.compare', { site, from: one.id, to: two.id });
    });
  }
}
