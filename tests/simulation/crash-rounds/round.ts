import type { LinkMessage } from '../../../shared/contract/link.ts';
import { MemoryLink } from '../../support/memory-link.ts';
import { useDisk } from '../disk/current.ts';
import { closeDatabasesOf, loseUnflushedCommits } from '../disk/node-sqlite.ts';
import type { NameMode } from '../disk/name-log.ts';
import { pickFrom, type Random } from '../disk/random.ts';
import { type DiskOperation, SimulatedDisk } from '../disk/simulated-disk.ts';
import { currentGeneration, Generation, PowerLost } from '../generation.ts';
import { serve } from './machine/ftp-pool.ts';
import { Loop } from './machine/loop.ts';
import { useRandom } from './machine/node-crypto.ts';
import { noteBoot, useLoop } from './machine/time.ts';
import { type MasterMachine, startMaster } from './master-machine.ts';
import { type MirrorMachine, startMirror } from './mirror-machine.ts';
import { Oracle } from './oracle.ts';
import { MASTER, MIRROR } from './peers.ts';
import { Publisher } from './publisher.ts';

export interface RoundOutcome {
  readonly counts: Readonly<Record<string, number>>;
  readonly failure: Error | undefined;
  readonly unflushed: NameMode;
  /** The last operations of the disks before it. */
  readonly last: readonly string[];
}

const PREFIXES = { master: '/sim/master', mirror: '/sim/mirror' } as const;
type Name = keyof typeof PREFIXES;

/** An asynchronous call of the disk takes so long at most. */
const DISK_MILLIS = 2;
/** Power is lost before so many operations that change something, where there are as many. */
const CHANGES = 160;
/** Power that is lost before one of these might as well be lost before the next change. */
const READS = /^(?:sqlite-read|l?stat|fstat|realpath|exists|access|read|close|statfs)/;
const START_MILLIS = 60_000;
const OFF_MILLIS = 3_000;
const WORK_MILLIS = 120_000;
const REST_MILLIS = 300_000;
const REMEMBERED = 4000;

/**
 * Lives through one seed: a master and its mirror on simulated disks, publishers at work, power lost a few times at random
 * operations (also while what the last loss has left is being seen to), and rest at the end.
 */
export async function runRound(seed: string): Promise<RoundOutcome> {
  const round = new Round(seed);
  const onBug = (error: unknown): void => round.bug(error);
  process.on('uncaughtException', onBug);
  process.on('unhandledRejection', onBug);
  try {
    await round.run();
  } catch (error) {
    round.bug(error);
  } finally {
    round.end();
    process.off('uncaughtException', onBug);
    process.off('unhandledRejection', onBug);
  }
  return {
    counts: { ...round.counts, ...round.oracle.counts },
    failure: round.failure,
    unflushed: round.unflushed,
    last: round.last,
  };
}

class Round {
  readonly counts = { losses: 0, lossesAtStart: 0, operations: 0 };
  readonly last: string[] = [];
  readonly unflushed: NameMode;
  readonly oracle: Oracle;
  failure: Error | undefined;
  readonly #random: Random;
  readonly #loop = new Loop();
  readonly #disk: SimulatedDisk;
  readonly #publishers: readonly Publisher[];
  readonly #generations: { [N in Name]?: Generation } = {};
  #master: MasterMachine | undefined;
  #mirror: MirrorMachine | undefined;
  #link: MemoryLink | undefined;
  /** Whose power is lost after so many operations more. */
  #loss: { readonly victim: Name; left: number } | undefined;

  constructor(seed: string) {
    this.#random = randomOf(seed);
    useLoop(this.#loop);
    useRandom(randomOf(`${seed} names`));
    const onOperation = (operation: DiskOperation): void => this.#operation(operation);
    const now = (): number => this.#loop.now;
    const schedule = (run: () => void): void => void this.#loop.after(this.#random() * DISK_MILLIS, run);
    this.#disk = new SimulatedDisk({ schedule, now, onOperation });
    useDisk(this.#disk);
    const unflushed = pickFrom(this.#random, ['ordered', 'any'] as const);
    for (const prefix of Object.values(PREFIXES)) this.#disk.mount(prefix, { unflushed });
    this.unflushed = unflushed;
    this.oracle = new Oracle(this.#disk);
    this.#publishers = ['alice', 'bob', 'carol'].map(
      (account) => new Publisher(this.oracle, randomOf(`${seed} ${account}`), account),
    );
    serve({ random: this.#random, read: (path) => this.#served(path) });
  }

  async run(): Promise<void> {
    await this.#start('master');
    await this.#start('mirror');
    for (let lives = 1 + Math.floor(this.#random() * 4); lives > 0; lives -= 1) {
      const victim = this.#random() < 0.5 ? 'master' : 'mirror';
      this.#loss = { victim, left: 1 + Math.floor(this.#random() * CHANGES) };
      await this.#live();
      await this.#restartFallen();
    }
    this.#loss = undefined;
    await this.#live();
    await this.#rest();
  }

  bug(error: unknown): void {
    if (error instanceof PowerLost || (error instanceof Error && error.cause instanceof PowerLost)) return;
    this.failure ??= error instanceof Error ? error : new Error('something that is no error', { cause: error });
  }

  #throwFailure(): void {
    if (this.failure instanceof Error) throw this.failure;
  }

  end(): void {
    for (const name of ['master', 'mirror'] as const) this.#end(name);
  }

  /** Publishers work until they have done their share, or somebody has no power. */
  async #live(): Promise<void> {
    this.#connect();
    const [master, generation] = [this.#master, this.#generations.master];
    if (!master || !generation) throw new TypeError('no master');
    let working = this.#publishers.length;
    for (const publisher of this.#publishers) {
      const actions = 2 + Math.floor(this.#random() * 8);
      const ended = generation.run(() => publisher.work(master.site, generation, actions));
      ended.then(
        () => {
          working -= 1;
        },
        (error: unknown) => this.bug(error),
      );
    }
    const isOver = (): boolean => this.failure !== undefined || this.#fallen() !== undefined || working === 0;
    if (!(await this.#loop.until(isOver, WORK_MILLIS))) throw new Error('the publishers come to no end');
    // What is under way at the mirror, and what is flushed later.
    const after = this.#random() * 1500;
    if (this.#random() < 0.8)
      await this.#loop.until(() => this.failure !== undefined || this.#fallen() !== undefined, after);
    this.#throwFailure();
  }

  async #restartFallen(): Promise<void> {
    for (let fallen = this.#fallen(); fallen !== undefined; fallen = this.#fallen()) {
      this.counts.losses += 1;
      this.#note(`${fallen} has lost its power`);
      this.#link?.cut();
      this.#end(fallen);
      this.#disk.crash(PREFIXES[fallen], this.#random);
      loseUnflushedCommits(this.#disk, PREFIXES[fallen], this.#random);
      this.oracle.lookAtVisible(PREFIXES[fallen]);
      const again = this.#random() < 0.4;
      this.#loss = again ? { victim: fallen, left: 1 + Math.floor(this.#random() * 60) } : undefined;
      // The others go on while the machine is off.
      await this.#loop.until(() => this.failure !== undefined, OFF_MILLIS);
      await this.#start(fallen);
      if (this.#fallen()) this.counts.lossesAtStart += 1;
    }
    this.#loss = undefined;
  }

  /** Starts a machine; where its power is lost meanwhile, it has fallen again. */
  async #start(name: Name): Promise<void> {
    const generation = new Generation(name);
    this.#generations[name] = generation;
    noteBoot(generation);
    let started = false;
    const log = (line: string): void => this.#note(`${name} says ${line.trim().slice(0, 900)}`);
    const start = async (): Promise<void> => {
      if (name === 'master') this.#master = await startMaster(PREFIXES.master, log);
      else this.#mirror = await startMirror(PREFIXES.mirror, log, (error) => this.bug(error));
      started = true;
    };
    generation.run(() => start()).catch((error: unknown) => this.bug(error));
    const isOver = (): boolean => started || generation.ended || this.failure !== undefined;
    if (!(await this.#loop.until(isOver, START_MILLIS))) throw new Error(`${name} does not start`);
    this.#throwFailure();
    // It goes on at once with what it had to do.
    const isQuiet = (): boolean => name === 'master' || this.#mirror?.site.state.inFlight.size === 0;
    await this.#loop.until(() => generation.ended || this.failure !== undefined || isQuiet(), START_MILLIS);
    this.#throwFailure();
    if (generation.ended) return;
    generation.run(() => {
      if (name === 'master' && this.#master) this.oracle.lookAtMaster(PREFIXES.master, this.#master);
      if (name === 'mirror' && this.#mirror) this.oracle.lookAtMirror(PREFIXES.mirror, this.#mirror);
    });
  }

  #connect(): void {
    this.#link?.cut();
    const [master, mirror] = [this.#master, this.#mirror];
    const { master: atMaster, mirror: atMirror } = this.#generations;
    if (!master || !mirror || !atMaster || !atMirror) throw new TypeError('somebody is missing');
    this.#link = new MemoryLink(
      MIRROR,
      MASTER,
      (session) => {
        const end = atMaster.run(() => master.notifier.open(session));
        return {
          onMessage: (message) => {
            if (message.type === 'received') this.oracle.received(message.seq);
            if (message.type === 'states' && message.receivedSeq !== undefined)
              this.oracle.received(message.receivedSeq);
            if (!atMaster.ended) atMaster.run(() => end.onMessage(message));
          },
          onClose: () => atMaster.ended || atMaster.run(() => end.onClose()),
        };
      },
      (session) => {
        const end = atMirror.run(() => mirror.link(session));
        return {
          onMessage: (message: LinkMessage) => void (atMirror.ended || atMirror.run(() => end.onMessage(message))),
          onClose: () => void (atMirror.ended || atMirror.run(() => end.onClose())),
        };
      },
    );
  }

  /** Everybody has power, nobody publishes: the mirror comes in step, and both stop as they should. */
  async #rest(): Promise<void> {
    const [master, mirror] = [this.#master, this.#mirror];
    if (!master || !mirror) throw new TypeError('somebody is missing');
    const isInStep = (): boolean =>
      master.journal.settled &&
      mirror.site.state.journal === master.journal.id &&
      mirror.site.state.publishedSeq() >= master.journal.head;
    if (!(await this.#loop.until(() => this.failure !== undefined || isInStep(), REST_MILLIS)))
      throw new Error(`the mirror does not come in step: ${this.#wants(mirror)}`);
    let stopped = 0;
    this.#link?.cut();
    for (const [name, machine] of [
      ['master', master],
      ['mirror', mirror],
    ] as const)
      this.#generations[name]
        ?.run(() => machine.site.stop())
        .then(
          () => {
            stopped += 1;
          },
          (error: unknown) => this.bug(error),
        );
    if (!(await this.#loop.until(() => this.failure !== undefined || stopped === 2, START_MILLIS)))
      throw new Error('not everybody stops');
    this.#throwFailure();
    this.oracle.lookAtBoth(master, mirror, PREFIXES);
    // What a stop has flushed is there whatever comes.
    for (const name of ['master', 'mirror'] as const) {
      this.#end(name);
      this.#disk.crash(PREFIXES[name], this.#random);
      loseUnflushedCommits(this.#disk, PREFIXES[name], this.#random);
      await this.#start(name);
      this.oracle.lookAtStarted(PREFIXES[name]);
    }
  }

  #wants(mirror: MirrorMachine): string {
    return JSON.stringify(
      mirror.store.all('SELECT path, kind, substr(sha256,1,8) AS sha, seq, release, state, error FROM want LIMIT 9'),
    );
  }

  #fallen(): Name | undefined {
    return (['master', 'mirror'] as const).find((name) => this.#generations[name]?.ended);
  }

  #end(name: Name): void {
    const generation = this.#generations[name];
    if (!generation) return;
    generation.end();
    closeDatabasesOf(generation);
    if (name === 'master') this.#master = undefined;
    else this.#mirror = undefined;
  }

  #operation({ name, path, prefix }: DiskOperation): void {
    const generation = currentGeneration();
    if (generation === undefined || name === 'sqlite-read') return;
    this.counts.operations += 1;
    this.#note(`${generation.name} ${name} ${path}`);
    const loss = this.#loss;
    if (READS.test(name)) return;
    if (!loss || prefix !== PREFIXES[loss.victim]) return;
    loss.left -= 1;
    if (loss.left <= 0) generation.end();
  }

  #served(path: string): Buffer | 'absent' | 'down' {
    const generation = this.#generations.master;
    if (!this.#master || !generation || generation.ended) return 'down';
    const found = this.#disk.visible(PREFIXES.master).get(`${PREFIXES.master}/site${path}`);
    return found?.kind === 'file' ? found.content : 'absent';
  }

  #note(line: string): void {
    this.last.push(`${this.#loop.now.toFixed(1)} ${line}`);
    if (this.last.length > REMEMBERED) this.last.shift();
  }
}

/** mulberry32, begun with a hash of the seed. */
function randomOf(seed: string): Random {
  let state = 0x811c9dc5;
  for (const character of seed) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
