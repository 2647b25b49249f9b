import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { z } from 'zod';
import type { route } from '../../../shared/contract/config.ts';
import { STORE_FILE } from '../../../electron/engine/install/node.ts';
import { spelledOtherwise } from '../spelled-otherwise.ts';
import { setSimulation } from '../current.ts';
import { Network, PERFECT } from '../network/network.ts';
import { PUBLISHER } from '../oracle/journal-model.ts';
import { Oracle } from '../oracle/oracle.ts';
import { pathsBelow, stateAt } from '../oracle/tree.ts';
import { SeededRandom } from '../random.ts';
import type { Process } from '../process.ts';
import { Scheduler } from '../scheduler.ts';
import { followOf } from './comings.ts';
import { Drops } from './drops.ts';
import { Install } from './install.ts';
import { Machines } from './machines.ts';
import type { Plan } from './plan.ts';
import { type Habits, Publisher } from './publisher.ts';
import { DROPPING, ReleaseDrops } from './release-drops.ts';
import { TroubleMaker } from './trouble-maker.ts';

const SITE = 'www';
const OTHER_SITE = 'blog';
const SETUP_MILLIS = 120_000;
/** What has not come to rest by then, with nothing in its way, does not. */
const REST_MILLIS = 30 * 60_000;
const REST_LOOK_MILLIS = 2_000;
const IN_THE_WAY: ReadonlySet<string> = new Set(['file.is-directory', 'file.directory-not-empty', 'path.case-clash']);

/** A master, its mirrors, those who publish, and the oracle that watches them. */
export class World {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly master: Install;
  readonly mirrors: Install[] = [];
  readonly publishers: Publisher[] = [];
  readonly oracle: Oracle;
  /** Another master, whose site the first mirror follows as well. */
  readonly other: { readonly master: Install; readonly oracle: Oracle } | undefined;
  readonly drops: Drops | undefined;
  readonly releaseDrops: ReleaseDrops | undefined;
  readonly trouble: TroubleMaker;
  readonly plan: Plan;
  #isMended = false;
  /** Power was lost everywhere since all was at rest. */
  #isPowered = false;
  readonly #folder: string;
  readonly #machines: Machines;
  readonly #programs: SeededRandom;
  /** So often in a row programs of hooks have. */
  readonly #failed = new Map<Install, number>();

  constructor(plan: Plan, folder: string, trace?: (line: string) => void) {
    this.plan = plan;
    this.#folder = folder;
    this.scheduler = new Scheduler(plan.seed, trace);
    this.#programs = new SeededRandom(`programs ${plan.seed}`);
    this.network = new Network(this.scheduler, plan.seed);
    setSimulation({
      scheduler: this.scheduler,
      network: this.network,
      engineRandom: new SeededRandom(`engine ${plan.seed}`),
      program: (process, input) => this.#told(process, input),
    });
    let oracle: Oracle | undefined;
    let other: Oracle | undefined;
    this.#machines = new Machines(this.scheduler, plan.seed, {
      onChange: (path) => {
        oracle?.fileChanged(path);
        other?.fileChanged(path);
      },
      onWatch: (path) => {
        if (path === this.masterRoot) this.oracle.written.watched(this.scheduler.now);
      },
    });
    this.master = this.#install('master', '10.0.0.1', 'master');
    this.oracle = oracle = new Oracle(
      join(this.master.dataDir, STORE_FILE),
      SITE,
      this.masterRoot,
      this.scheduler,
      plan,
    );
    this.master.onPutBack = (work) => this.oracle.masterPutBack(work);
    if (plan.otherMaster) {
      const second = this.#install('other', '10.0.0.2', 'master');
      other = new Oracle(join(second.dataDir, STORE_FILE), OTHER_SITE, second.root, this.scheduler, {
        groups: [],
        hooked: false,
      });
      this.other = { master: second, oracle: other };
    }
    if (plan.drops) this.drops = new Drops(this, plan.drops, new SeededRandom(`drops of ${plan.seed}`));
    if (plan.releaseDrops) {
      const desk = join(folder, 'desk');
      this.#machines.mount(desk, {});
      const random = new SeededRandom(`drops that become releases of ${plan.seed}`);
      this.releaseDrops = new ReleaseDrops(this, join(desk, 'to-publish'), random);
    }
    this.trouble = new TroubleMaker(this, plan, new SeededRandom(`trouble ${plan.seed}`));
  }

  get masterRoot(): string {
    return this.master.root;
  }

  /** Everybody is there and knows each other. */
  async setUp(): Promise<void> {
    await this.#open(this.master, SITE);
    if (this.other) await this.#open(this.other.master, OTHER_SITE);
    const multicast = { group: '239.20.30.40', port: 2123 };
    if (this.plan.announced) await this.until(this.master.call('site.set', { name: SITE, multicast }));
    await this.#setRules();
    this.scheduler.afterStep = (process) => this.#stepped(process);
    for (const [at, plan] of this.plan.mirrors.entries()) {
      const { name, excludes } = plan;
      const mirror = this.#install(name, `10.0.1.${at + 1}`, 'mirror');
      this.mirrors.push(mirror);
      await this.until(mirror.init(this.plan.hooked ? 'published' : undefined));
      await this.until(mirror.start());
      const { code } = await this.until(this.master.call('pairing.invite', { site: SITE, expiresSeconds: 600 }));
      const away = [...excludes, ...(at === 0 ? this.plan.routedAway : [])];
      this.oracle.addMirror(name, mirror.root, { away, ...watched(mirror) });
      await this.until(mirror.call('pairing.join', { code, root: mirror.root }));
      if (at === 0) await this.#followOther(mirror);
      await this.until(mirror.call('follow.set', { site: SITE, ...followOf(plan) }));
    }
    if (this.plan.routedAway.length > 0) await this.setRoutes();
    this.network.faults = this.plan.network;
  }

  async #open(master: Install, site: string): Promise<void> {
    await this.until(master.init(site === SITE && this.plan.hooked ? 'release-everywhere' : undefined));
    await this.until(master.start());
    const watch = site === SITE && this.plan.watched;
    await this.until(master.call('site.add', { name: site, root: master.root, watch }));
    const account = { user: PUBLISHER, site, folder: '', releasesOnly: false, password: 'a publisher' };
    await this.until(master.call('account.add', account));
    if (this.plan.releaseDrops) await this.until(master.call('account.add', { ...account, ...DROPPING }));
  }

  async #followOther(mirror: Install): Promise<void> {
    if (!this.other) return;
    const { master, oracle } = this.other;
    const { code } = await this.until(master.call('pairing.invite', { site: OTHER_SITE, expiresSeconds: 600 }));
    const root = join(mirror.machine, OTHER_SITE);
    oracle.addMirror(mirror.name, root, { away: [], ...watched(mirror) });
    await this.until(mirror.call('pairing.join', { code, root }));
    await this.until(mirror.call('follow.set', { site: OTHER_SITE, deleteGuard: 1, drift: 'restore' as const }));
  }

  /** They name mirrors that are there. */
  get routes(): z.input<typeof route>[] {
    const { mirrors, routedAway } = this.plan;
    const others = mirrors.slice(1).map(({ name }) => name);
    const routes = routedAway.map((folder) => ({ glob: `${folder}/**`, mirrors: others }));
    return [...routes, { glob: '**', mirrors: 'all' }];
  }

  async setRoutes(): Promise<void> {
    await this.until(this.master.call('route.set', { routes: this.routes }));
  }

  async #setRules(): Promise<void> {
    const { groups } = this.plan;
    for (const { name, members, rule, limit } of groups) {
      const group = { name, members: [...members], rule, limit, settle: 2_000, atLimit: 'publish' as const };
      await this.until(this.master.call('group.add', { group, replace: false }));
    }
    for (const link of this.plan.links) await this.until(this.master.call('link.add', link));
  }

  #stepped(process: Process | undefined): void {
    if (this.#machines.hasWritten(this.master.machine)) {
      this.oracle.masterCommitted();
      this.releaseDrops?.journalled();
    }
    this.oracle.look();
    if (this.other && this.#machines.hasWritten(this.other.master.machine)) this.other.oracle.masterCommitted();
    this.other?.oracle.look();
    const install = process && this.#byProcess(process);
    if (install) this.trouble.stepped(install);
  }

  /** A program of a hook reads what it is told. */
  #told(process: Process | undefined, input: string): boolean {
    const install = process && this.#byProcess(process);
    if (!install) return false;
    const failed = this.#failed.get(install) ?? 0;
    // A third time in a row would have it wait for longer than there is time.
    const fails = this.network.faults !== PERFECT && failed < 2 && this.#programs.chance(0.2);
    this.#failed.set(install, fails ? failed + 1 : 0);
    if (fails) return false;
    this.oracle.told(install === this.master ? undefined : install.name, input);
    return true;
  }

  #byProcess(process: Process): Install | undefined {
    return this.installs.find((install) => install.process === process);
  }

  /** Things are done, and go wrong. */
  async live(): Promise<void> {
    const random = new SeededRandom(`publishers ${this.plan.seed}`);
    const { network, scheduler } = this;
    const add = (habits: Habits, { master, oracle }: { master: Install; oracle: Oracle }): void => {
      const number = this.publishers.length + 1;
      const own = new SeededRandom(`${random.number()}`);
      const publisher = new Publisher(`publisher-${number}`, `10.0.2.${number}`, habits, own, {
        network,
        scheduler,
        master,
        onAsk: (command, sha256) => oracle.asked(command, sha256),
        onReply: (asked, reply) => oracle.replied(asked, reply),
        onLost: (asked) => oracle.lost(asked),
        accents: this.plan.accents,
        ...(this.plan.twoSpellings &&
          master === this.master && { spelling: new SeededRandom(`spelling ${this.plan.seed} ${number}`) }),
      });
      this.publishers.push(publisher);
    };
    for (const habits of this.plan.publishers) add(habits, this);
    if (this.other && this.plan.publishers[0]) add(this.plan.publishers[0], this.other);
    for (const publisher of this.publishers) publisher.start();
    this.drops?.start();
    this.releaseDrops?.start();
    this.trouble.start();
    await this.scheduler.runUntil(this.scheduler.now + this.plan.millis);
    for (const publisher of this.publishers) publisher.stop();
    this.network.faults = PERFECT;
    if (this.scheduler.failure === undefined) await this.trouble.stop();
    if (this.scheduler.failure === undefined) await this.drops?.finish();
    if (!this.releaseDrops || this.scheduler.failure !== undefined) return;
    await this.releaseDrops.finish();
    if (this.scheduler.failure === undefined) await this.trouble.seeToSpellings();
  }

  /** Nothing is in the way any more: everything comes to rest, and is as it must be. */
  async rest(): Promise<void> {
    const until = this.scheduler.now + REST_MILLIS;
    await this.scheduler.runUntil(this.scheduler.now + 30_000);
    let calm = 0;
    let unrest = ['nobody has looked'];
    while (calm < 3 && this.scheduler.failure === undefined) {
      if (this.scheduler.now > until) return this.scheduler.fail(new Error(`no rest: ${unrest.join('; ')}`));
      await this.scheduler.runUntil(this.scheduler.now + REST_LOOK_MILLIS);
      unrest = await this.#unrest();
      calm = unrest.length === 0 ? calm + 1 : 0;
    }
    if (this.scheduler.failure !== undefined) return;
    if (this.#mayDiffer && !this.#isMended) {
      if (this.#isPowered) for (const oracle of this.oracles) oracle.checkAtRest('but for what is too much');
      await this.#mend();
      return this.rest();
    }
    for (const oracle of this.oracles) oracle.checkAtRest();
    if (this.plan.troubles.flushFails === undefined || this.#isPowered || this.scheduler.failure !== undefined) return;
    this.#isPowered = true;
    await this.trouble.powerAll();
    // What was removed, and the disk did not take that, stands there again. A database that was put back since knows nothing of it, and
    // nobody can tell it from what somebody else has put there: that takes a thorough check. What is missing has to come by itself.
    if (this.plan.troubles.putBack !== undefined) this.#isMended = false;
    return this.rest();
  }

  /** A person has kept something at a mirror, or its database knew less than its folder held. */
  get #mayDiffer(): boolean {
    const { mirrors, troubles, deeds } = this.plan;
    return (
      troubles.putBack !== undefined ||
      troubles.leave !== undefined ||
      deeds.decide !== undefined ||
      mirrors.some(({ deleteGuard }) => deleteGuard < 1)
    );
  }

  /** What the master does not have goes, by a thorough check of each mirror. */
  async #mend(): Promise<void> {
    this.#isMended = true;
    for (const [mirror, site] of this.mirrors.flatMap((each) => this.#sitesAt(each).map((at) => [each, at] as const))) {
      const extra = await this.#check(mirror, site);
      if (extra.length === 0 || site !== SITE) continue;
      // Where it would be most of what is there, nothing goes by itself: somebody sees to it, and looks once more.
      this.#removeExtra(mirror, extra);
      await this.#check(mirror, site);
    }
  }

  /** What is too much there, and stays. */
  async #check(mirror: Install, site: string): Promise<string[]> {
    await this.until(mirror.call('deep.start', { site, mend: true }));
    for (;;) {
      const report = (await this.until(mirror.call('deep.list', {}))).find((each) => each.site === site);
      this.scheduler.note(`the check of ${mirror.name}: ${JSON.stringify(report)}`);
      await this.scheduler.runUntil(this.scheduler.now + 500);
      if (report?.state === 'running') continue;
      const extra = report?.differences.filter(({ kind }) => kind === 'extra').map(({ path }) => path) ?? [];
      // What is missing is put there all the same.
      return extra.filter((path) => stateAt(mirror.root, path).kind !== 'gone');
    }
  }

  #sitesAt(mirror: Install): string[] {
    return this.other && mirror === this.mirrors[0] ? [SITE, OTHER_SITE] : [SITE];
  }

  /**
   * A folder that a mirror knows nothing of, with files in it, stands where a file is to be: a person is told, and removes it. It is
   * of a time when the mirror followed the site before, or knew more, or somebody has decided that it stays though the master deleted it.
   */
  #clear({ name, root }: Install, path: string, how: 'itself' | 'another spelling' = 'itself'): void {
    const watch = this.oracle.mirrors.find((mirror) => mirror.name === name);
    const { kind } = stateAt(root, path);
    if (!watch || (kind !== 'dir' && how === 'itself') || kind === 'gone') return;
    const files =
      kind === 'file' ? [path] : pathsBelow(root, path).filter((each) => stateAt(root, each).kind === 'file');
    const stays = (each: string): boolean => watch.givenUp.has(each) || !watch.wants(each);
    // What the mirror is to delete with the rest goes by itself.
    const kept = watch.isForgetful || watch.isDecided ? files : files.filter(stays);
    if (kept.length === 0) return;
    this.scheduler.note(`somebody removes ${kept.join(', ')} at ${name}, in ${path}`);
    for (const each of kept) this.oracle.foreign(name, each, undefined);
    if (kept.length === files.length) rmSync(join(root, path), { recursive: true });
    else for (const each of kept) rmSync(join(root, each));
  }

  /** The same, under another spelling of its name, or of that of a folder above it. */
  #clearOther(mirror: Install, path: string): void {
    const names = pathsBelow(mirror.root).filter((each) => spelledOtherwise(each, path) === each);
    for (const each of names) this.#clear(mirror, each, 'another spelling');
  }

  #removeExtra({ name, root }: Install, extra: readonly string[]): void {
    for (const path of extra) {
      this.scheduler.note(`somebody removes ${path} at ${name}`);
      this.oracle.foreign(name, path, undefined);
      rmSync(join(root, path), { recursive: true });
    }
  }

  /** What each mirror has still to do, as its database says. */
  pending(): string[] {
    return this.mirrors.flatMap(({ name, dataDir }) => {
      const database = new DatabaseSync(join(dataDir, STORE_FILE), { readOnly: true });
      const wants = database.prepare('SELECT * FROM want ORDER BY seq LIMIT 40').all();
      database.close();
      return wants.map((want) => `${name} wants ${JSON.stringify(want)}`);
    });
  }

  async tearDown(): Promise<void> {
    this.scheduler.afterStep = undefined;
    for (const install of this.installs) install.kill('crash');
    for (const oracle of this.oracles) oracle.close();
    this.#machines.close();
    setSimulation(undefined);
  }

  get oracles(): Oracle[] {
    return [this.oracle, ...(this.other ? [this.other.oracle] : [])];
  }

  /** Of all machines. */
  get hosts(): string[] {
    const others = this.publishers.map((_, at) => `10.0.2.${at + 1}`);
    return [...this.installs.map(({ host }) => host), ...others, ...(this.drops ? [this.drops.server.host] : [])];
  }

  get failedFlushes(): number {
    return this.#machines.failedFlushes;
  }

  get installs(): Install[] {
    return [this.master, ...this.mirrors, ...(this.other ? [this.other.master] : [])];
  }

  /** Runs the simulation until the promise is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    const settled: { value?: { readonly of: T }; error?: Error } = {};
    promise.then(
      (value) => {
        settled.value = { of: value };
      },
      (error: unknown) => {
        settled.error = error instanceof Error ? error : new Error('rejected', { cause: error });
      },
    );
    for (const end = this.scheduler.now + SETUP_MILLIS; this.scheduler.now < end; ) {
      await this.scheduler.runUntil(this.scheduler.now + 5);
      if (this.scheduler.failure !== undefined) throw this.scheduler.failure;
      if (settled.error !== undefined) throw settled.error;
      if (settled.value) return settled.value.of;
    }
    throw new Error('it takes too long');
  }

  async #unrest(): Promise<string[]> {
    const found: string[] = [];
    for (const install of this.installs) {
      if (!install.isUp) {
        found.push(`${install.name} is not up`);
        continue;
      }
      const status = await this.until(install.call('node.status', {}));
      for (const site of status.sites)
        for (const peer of site.peers)
          if (!peer.inStep || !peer.connected) found.push(`${install.name}: ${JSON.stringify(peer)}`);
      for (const item of status.waiting) found.push(`${install.name} waits: ${JSON.stringify(item)}`);
      for (const hook of status.hooks ?? [])
        if (hook.queued > 0) found.push(`${install.name}: ${JSON.stringify(hook)}`);
      if (install === this.master)
        for (const { id, peers } of await this.until(install.call('release.list', { site: SITE, limit: 1000 })))
          for (const { peer, publishedAt } of peers)
            if (publishedAt === undefined) found.push(`${peer} is not known to show release ${id}`);
      for (const { site, path, error } of status.waiting)
        if (
          this.mirrors.includes(install) &&
          site === SITE &&
          path !== undefined &&
          error &&
          IN_THE_WAY.has(error.code)
        ) {
          if (error.code === 'path.case-clash') this.#clearOther(install, path);
          else this.#clear(install, path);
        }
    }
    return found;
  }

  #install(name: string, host: string, role: 'master' | 'mirror'): Install {
    return new Install(
      { name, host, role, folder: this.#folder, disk: { unflushed: this.plan.unflushed, ...this.plan.folding[name] } },
      this.#machines,
      this.scheduler,
      (error) => this.scheduler.fail(error ?? new Error('a bug')),
    );
  }
}

/** What the oracle asks of a mirror itself. */
function watched(mirror: Install) {
  return { isUp: () => mirror.isUp, held: () => mirror.held(), isStuck: () => mirror.lacksRoom };
}
