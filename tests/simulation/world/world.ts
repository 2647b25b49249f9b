import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { STORE_FILE } from '../../../electron/engine/node.ts';
import { setSimulation } from '../current.ts';
import { Network, PERFECT } from '../network/network.ts';
import { Oracle } from '../oracle/oracle.ts';
import { SeededRandom } from '../random.ts';
import type { Process } from '../process.ts';
import { Scheduler } from '../scheduler.ts';
import { followOf } from './comings.ts';
import { Install } from './install.ts';
import { Machines } from './machines.ts';
import type { Plan } from './plan.ts';
import { Publisher } from './publisher.ts';
import { TroubleMaker } from './trouble-maker.ts';

const SITE = 'www';
const SETUP_MILLIS = 120_000;
/** What has not come to rest by then, with nothing in its way, does not. */
const REST_MILLIS = 30 * 60_000;
const REST_LOOK_MILLIS = 2_000;

/** A master, its mirrors, those who publish, and the oracle that watches them. */
export class World {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly master: Install;
  readonly mirrors: Install[] = [];
  readonly publishers: Publisher[] = [];
  readonly oracle: Oracle;
  readonly trouble: TroubleMaker;
  readonly plan: Plan;
  #isMended = false;
  /** Power was lost everywhere since all was at rest. */
  #isPowered = false;
  readonly #folder: string;
  readonly #machines: Machines;

  constructor(plan: Plan, folder: string, trace?: (line: string) => void) {
    this.plan = plan;
    this.#folder = folder;
    this.scheduler = new Scheduler(plan.seed, trace);
    this.network = new Network(this.scheduler, plan.seed);
    setSimulation({
      scheduler: this.scheduler,
      network: this.network,
      engineRandom: new SeededRandom(`engine ${plan.seed}`),
    });
    let oracle: Oracle | undefined;
    this.#machines = new Machines(this.scheduler, plan.seed, (path) => oracle?.fileChanged(path));
    this.master = this.#install('master', '10.0.0.1', 'master');
    this.oracle = oracle = new Oracle(join(this.master.dataDir, STORE_FILE), SITE, this.masterRoot, this.scheduler);
    this.trouble = new TroubleMaker(this, plan, new SeededRandom(`trouble ${plan.seed}`));
  }

  get masterRoot(): string {
    return this.master.root;
  }

  /** Everybody is there and knows each other. */
  async setUp(): Promise<void> {
    await this.until(this.master.init());
    await this.until(this.master.start());
    await this.until(this.master.call('site.add', { name: SITE, root: this.masterRoot, watch: false }));
    const multicast = { group: '239.20.30.40', port: 2123 };
    if (this.plan.announced) await this.until(this.master.call('site.set', { name: SITE, multicast }));
    const account = { user: 'editor', site: SITE, folder: '', releasesOnly: false, password: 'a publisher' };
    await this.until(this.master.call('account.add', account));
    await this.#setRules();
    this.scheduler.afterStep = (process) => this.#stepped(process);
    for (const [at, plan] of this.plan.mirrors.entries()) {
      const { name, excludes } = plan;
      const mirror = this.#install(name, `10.0.1.${at + 1}`, 'mirror');
      this.mirrors.push(mirror);
      await this.until(mirror.init());
      await this.until(mirror.start());
      const { code } = await this.until(this.master.call('pairing.invite', { site: SITE, expiresSeconds: 600 }));
      const away = [...excludes, ...(at === 0 ? this.plan.routedAway : [])];
      this.oracle.addMirror(name, mirror.root, { away, isUp: () => mirror.isUp });
      await this.until(mirror.call('pairing.join', { code, root: mirror.root }));
      await this.until(mirror.call('follow.set', followOf(plan)));
    }
    await this.#setRoutes();
    this.network.faults = this.plan.network;
  }

  /** They name mirrors that are there. */
  async #setRoutes(): Promise<void> {
    const { mirrors, routedAway } = this.plan;
    if (routedAway.length === 0) return;
    const others = mirrors.slice(1).map(({ name }) => name);
    const routes = routedAway.map((folder) => ({ glob: `${folder}/**`, mirrors: others }));
    await this.until(this.master.call('route.set', { routes: [...routes, { glob: '**', mirrors: 'all' }] }));
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
    if (this.#machines.hasWritten(this.master.machine)) this.oracle.masterCommitted();
    this.oracle.look();
    const install = process && this.#byProcess(process);
    if (install) this.trouble.stepped(install);
  }

  #byProcess(process: Process): Install | undefined {
    return this.installs.find((install) => install.process === process);
  }

  /** Things are done, and go wrong. */
  async live(): Promise<void> {
    const random = new SeededRandom(`publishers ${this.plan.seed}`);
    this.publishers.push(
      ...this.plan.publishers.map(
        (habits, at) =>
          new Publisher(`publisher-${at + 1}`, `10.0.2.${at + 1}`, habits, new SeededRandom(`${random.number()}`), {
            network: this.network,
            scheduler: this.scheduler,
            master: this.master,
            onAsk: (command, sha256) => this.oracle.asked(command, sha256),
            onReply: (asked, reply) => this.oracle.replied(asked, reply),
            onLost: (asked) => this.oracle.lost(asked),
          }),
      ),
    );
    for (const publisher of this.publishers) publisher.start();
    this.trouble.start();
    await this.scheduler.runUntil(this.scheduler.now + this.plan.millis);
    for (const publisher of this.publishers) publisher.stop();
    this.network.faults = PERFECT;
    if (this.scheduler.failure === undefined) await this.trouble.stop();
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
      await this.#mend();
      return this.rest();
    }
    this.oracle.checkAtRest();
    if (this.plan.troubles.flushFails === undefined || this.#isPowered || this.scheduler.failure !== undefined) return;
    this.#isPowered = true;
    await this.trouble.powerAll();
    return this.rest();
  }

  /** A person has kept something at a mirror, or its database knew less than its folder held. */
  get #mayDiffer(): boolean {
    const { mirrors, troubles } = this.plan;
    return (
      troubles.putBack !== undefined ||
      troubles.leave !== undefined ||
      mirrors.some(({ deleteGuard }) => deleteGuard < 1)
    );
  }

  /** What the master does not have goes, by a thorough check of each mirror. */
  async #mend(): Promise<void> {
    this.#isMended = true;
    for (const mirror of this.mirrors) {
      await this.until(mirror.call('deep.start', { site: SITE, mend: true }));
      for (let state = 'running'; state === 'running'; ) {
        const [report] = await this.until(mirror.call('deep.list', {}));
        state = report?.state ?? 'running';
        this.scheduler.note(`the check of ${mirror.name}: ${JSON.stringify(report)}`);
        await this.scheduler.runUntil(this.scheduler.now + 500);
        // Where it would be most of what is there, nothing goes by itself: somebody sees to it.
        if (report?.state === 'done' && report.mended === 0) this.#removeExtra(mirror, report.differences);
      }
    }
  }

  #removeExtra(
    { name, root }: Install,
    differences: readonly { readonly kind: string; readonly path: string }[],
  ): void {
    for (const { kind, path } of differences) {
      if (kind !== 'extra') continue;
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
    this.oracle.close();
    this.#machines.close();
    setSimulation(undefined);
  }

  /** Of all machines. */
  get hosts(): string[] {
    return [...this.installs.map(({ host }) => host), ...this.plan.publishers.map((_, at) => `10.0.2.${at + 1}`)];
  }

  get failedFlushes(): number {
    return this.#machines.failedFlushes;
  }

  get installs(): Install[] {
    return [this.master, ...this.mirrors];
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
    }
    return found;
  }

  #install(name: string, host: string, role: 'master' | 'mirror'): Install {
    return new Install(
      { name, host, role, folder: this.#folder, unflushed: this.plan.unflushed },
      this.#machines,
      this.scheduler,
      (error) => this.scheduler.fail(error ?? new Error('a bug')),
    );
  }
}
