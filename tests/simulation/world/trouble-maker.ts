import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '../../../shared/errors/app-error.ts';
import { pathsBelow } from '../oracle/tree.ts';
import { SeededRandom } from '../random.ts';
import { Comings } from './comings.ts';
import { DiskTroubles } from './disk-troubles.ts';
import type { Backup, Install } from './install.ts';
import { People } from './people.ts';
import type { Plan, Trouble } from './plan.ts';
import { SlowWriters } from './slow-writers.ts';
import { accented, inSomeForm, reform, respell, respelled } from './spellings.ts';
import { Unreadable } from './unreadable.ts';
import { Vanishings } from './vanishings.ts';
import type { World } from './world.ts';

const SITE = 'www';
const HOUR = 3_600_000;

const FULL: ReadonlySet<unknown> = new Set(['ENOSPC']);
const NO_FILE: ReadonlySet<unknown> = new Set(['ENOSPC', 'EISDIR', 'ENOTDIR', 'EEXIST']);

/** Makes trouble of the kinds that a plan names, and takes all of it away in the end. */
export class TroubleMaker {
  readonly #world: World;
  readonly #plan: Plan;
  readonly #random: SeededRandom;
  #stopped = false;
  #made = 0;
  readonly #counts = {
    crashes: 0,
    powerLosses: 0,
    clockJumps: 0,
    pauses: 0,
    calls: 0,
    unreadable: 0,
    edits: 0,
    answers: 0,
    putBack: 0,
    restored: 0,
    pairings: 0,
    vanished: 0,
    deeds: 0,
    writings: 0,
  };
  readonly #diskTroubles: DiskTroubles;
  readonly #comings: Comings;
  readonly #vanishings: Vanishings;
  readonly #people: People;
  readonly #slowWriters: SlowWriters;
  readonly #unreadable: Unreadable;
  /** Databases of mirrors, as they were. */
  readonly #saved = new Map<Install, Buffer>();
  /** The master's. */
  #backup: Backup | undefined;
  /** An install ends when so many more of its steps have been done. */
  readonly #fuses = new Map<Install, { left: number; by: 'crash' | 'power' }>();

  constructor(world: World, plan: Plan, random: SeededRandom) {
    this.#world = world;
    this.#plan = plan;
    this.#random = random;
    this.#diskTroubles = new DiskTroubles(world.scheduler, plan, random);
    this.#comings = new Comings(world, new SeededRandom(`comings and goings ${plan.seed}`));
    this.#vanishings = new Vanishings(world, plan, new SeededRandom(`vanishings ${plan.seed}`), (work) =>
      this.#call(world.master, work),
    );
    this.#slowWriters = new SlowWriters(world, new SeededRandom(`slow writers ${plan.seed}`));
    this.#unreadable = new Unreadable(world.scheduler, new SeededRandom(`unreadable ${plan.seed}`));
    this.#people = new People(world, plan, new SeededRandom(`deeds ${plan.seed}`), (install, work) =>
      this.#call(install, work),
    );
  }

  get counts(): Readonly<Record<string, number>> {
    const { crashes, powerLosses, clockJumps, pauses, calls, ...others } = this.#counts;
    return { crashes, powerLosses, clockJumps, pauses, calls, ...this.#diskTroubles.counts, ...others };
  }

  start(): void {
    if (this.#plan.mirrors.some(({ deleteGuard }) => deleteGuard < 1)) this.#answer();
    if (Object.values(this.#plan.troubles).some((weight) => weight > 0)) this.#next();
  }

  /** A step of a process is over. */
  stepped(install: Install): void {
    const fuse = this.#fuses.get(install);
    if (fuse === undefined || (fuse.left -= 1) > 0) return;
    this.#fuses.delete(install);
    this.#end(install, fuse.by);
  }

  /** Nothing is in the way any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#vanishings.stop();
    this.#slowWriters.stop();
    this.#unreadable.stop();
    this.#fuses.clear();
    const { network, installs, master, mirrors, scheduler } = this.#world;
    const counts = this.#counts;
    network.healAll();
    for (const install of installs) {
      install.jumpClock(0);
      this.#diskTroubles.end(install);
    }
    await scheduler.runUntil(scheduler.now + 20_000);
    for (const install of installs) if (install.process === undefined) void install.start();
    await scheduler.runUntil(scheduler.now + 20_000);
    for (let left = 60; !this.#comings.isOver && left > 0; left -= 1) await scheduler.runUntil(scheduler.now + 2_000);
    counts.pairings = this.#comings.made;
    counts.vanished = this.#vanishings.made;
    counts.deeds = this.#people.deeds;
    counts.writings = this.#slowWriters.made;
    counts.unreadable = this.#unreadable.made;
    if (!this.#comings.isOver) throw new Error('a mirror cannot be paired again');
    for (const { name } of mirrors) {
      await this.#world.until(master.call('peer.resume', { peer: name }));
      await this.#world.until(master.call('peer.limit', { peer: name, bytesPerSecond: null }));
    }
    for (const mirror of mirrors) await this.#world.until(mirror.call('follow.resume', { site: SITE }));
    await this.#people.setBack();
    this.#settleSpellings();
    const { editMaster, wipe, restore, vanish, unreadable, noDescriptors } = this.#plan.troubles;
    // Where no mirror was further nobody has noticed that the journal is an older one.
    // What a watched folder does not need, but for what went with most of the rest.
    if (
      ((editMaster || unreadable || noDescriptors) && !this.#plan.watched) ||
      wipe ||
      restore ||
      vanish ||
      this.#plan.twoSpellings
    )
      await this.#world.until(this.#vanishings.scan('agreed'));
    if (this.#plan.troubles.editMirror)
      for (const mirror of mirrors)
        await this.#world.until(mirror.call('site.rescan', { name: SITE, allowDeletes: true }));
    for (const { rule, name } of this.#plan.groups)
      if (rule === 'release') await this.#world.until(master.call('group.commit', { name }));
  }

  #settleSpellings(): void {
    if (!this.#plan.twoSpellings) return;
    const { masterRoot, scheduler, oracle } = this.#world;
    const kept = new Set<string>();
    for (const path of pathsBelow(masterRoot).toSorted()) {
      const folded = path.toLowerCase();
      if (!kept.has(folded)) kept.add(folded);
      else if (existsSync(join(masterRoot, path))) {
        scheduler.note(`somebody removes ${path}, which is there in another spelling`);
        oracle.edited();
        rmSync(join(masterRoot, path), { recursive: true });
        // Power may be lost yet.
        const folder = openSync(dirname(join(masterRoot, path)), 'r');
        fsyncSync(folder);
        closeSync(folder);
      }
    }
  }

  #next(): void {
    const { scheduler } = this.#world;
    scheduler.after(
      this.#random.between(0, 2 * this.#plan.troubleMillis),
      'trouble',
      () => {
        if (this.#stopped) return;
        this.#next();
        this.#make(this.#random.weighted<Trouble>(this.#plan.troubles));
      },
      null,
    );
  }

  #make(trouble: Trouble): void {
    const { network, installs, mirrors, master, scheduler } = this.#world;
    const random = this.#random;
    switch (trouble) {
      case 'cut':
        return network.cutAny();
      case 'part': {
        const [one, other] = [random.pick(this.#world.hosts), random.pick(installs).host];
        if (one === other) return;
        scheduler.note(`no way between ${one} and ${other}`);
        network.part(one, other);
        scheduler.after(random.between(100, 30_000), 'heal', () => network.heal(one, other), null);
        return;
      }
      case 'crash':
      case 'power':
        return this.#end(random.pick(installs), trouble);
      case 'crashMidway': {
        const install = random.pick(installs);
        // Often soon: then it is in the middle of what was being done.
        const left = 1 + random.below(random.pick([10, 60, 400]));
        this.#fuses.set(install, { left, by: 'crash' });
        return;
      }
      case 'restart': {
        const install = random.pick(installs);
        if (!install.isUp) return;
        return this.#inBackground(async () => {
          await install.stop();
          this.#startLater(install);
        });
      }
      case 'clock': {
        this.#counts.clockJumps += 1;
        const install = random.pick(installs);
        const ahead = random.pick([0, random.between(-5_000, 5_000), random.between(-2 * HOUR, 2 * HOUR)]);
        scheduler.note(`the clock of ${install.name} is ${Math.round(ahead)} ms ahead`);
        // A process that lives on knows how long it has waited; after it only the clock can tell.
        const noteSet = (): void => this.#world.oracles.forEach((oracle) => oracle.clockSet(install.name));
        if (install.isUp && install.process) install.process.atEnd(noteSet);
        else noteSet();
        return install.jumpClock(Math.round(ahead));
      }
      case 'pauseAtMaster': {
        this.#counts.pauses += 1;
        const peer = random.pick(mirrors).name;
        this.#call(master, () => master.call('peer.pause', { peer }));
        const resume = (): void => this.#call(master, () => master.call('peer.resume', { peer }));
        scheduler.after(random.between(500, 20_000), 'resume', resume, null);
        return;
      }
      case 'pauseAtMirror': {
        this.#counts.pauses += 1;
        const mirror = random.pick(mirrors);
        this.#call(mirror, () => mirror.call('follow.pause', { site: SITE }));
        const resume = (): void => this.#call(mirror, () => mirror.call('follow.resume', { site: SITE }));
        scheduler.after(random.between(500, 20_000), 'resume', resume, null);
        return;
      }
      case 'limit': {
        const peer = random.pick(mirrors).name;
        const bytesPerSecond = random.chance(0.5) ? null : 2048 + random.below(100_000);
        return this.#call(master, () => master.call('peer.limit', { peer, bytesPerSecond }));
      }
      case 'rescan': {
        const install = random.chance(0.5) ? master : random.pick(mirrors);
        if (install === master) return this.#call(master, () => this.#vanishings.scan());
        return this.#call(install, () => install.call('site.rescan', { name: SITE, allowDeletes: true }));
      }
      case 'editMaster':
        return this.#editMaster();
      case 'rollback':
        return this.#rollBack();
      case 'groupCommit':
        return this.#plan.groups.some(({ rule }) => rule === 'release')
          ? this.#call(master, () => master.call('group.commit', { name: 'news' }))
          : undefined;
      case 'diskFull':
      case 'flushFails':
      case 'sealed':
      case 'noDescriptors':
      case 'noRoom':
        return this.#diskTroubles.make(trouble, random.pick(installs));
      case 'unreadable':
        return this.#unreadable.refuse(random.pick(installs));
      case 'people':
        return this.#people.do();
      case 'writeSlowly':
        return this.#slowWriters.begin();
      case 'vanish':
        return this.#vanishings.vanish();
      case 'wipe':
        return this.#wipe(random.pick(mirrors));
      case 'putBack':
        return this.#putBack(random.pick(mirrors));
      case 'restore':
        return this.#restore();
      case 'leave':
        return this.#comings.leave(random.pick(mirrors));
      case 'editMirror':
        return this.#editMirror(random.pick(mirrors));
    }
  }

  /** All machines lose their power, and are started anew. */
  async powerAll(): Promise<void> {
    const { scheduler, installs } = this.#world;
    for (const install of installs) this.#end(install, 'power');
    await scheduler.runUntil(scheduler.now + 20_000);
    // What somebody has removed is there again where its flush was lost.
    await this.seeToSpellings();
  }

  /** Of two spellings of one name, which some mirror cannot hold, somebody removes one, and has the master look. */
  async seeToSpellings(): Promise<void> {
    if (!this.#plan.twoSpellings) return;
    this.#settleSpellings();
    await this.#world.until(this.#vanishings.scan('agreed'));
  }

  #end(install: Install, by: 'crash' | 'power'): void {
    if (install.process === undefined) return;
    if (by === 'crash') this.#counts.crashes += 1;
    else this.#counts.powerLosses += 1;
    install.kill(by);
    if (by === 'power') for (const oracle of this.#world.oracles) oracle.powerLost(install.name);
    this.#startLater(install);
  }

  #startLater(install: Install): void {
    const { scheduler } = this.#world;
    const start = (): void => {
      if (install.process === undefined) void install.start();
    };
    scheduler.after(this.#random.between(50, 8_000), 'start', start, null);
  }

  /** Most of the tree is deleted while a mirror is away. */
  #wipe(mirror: Install): void {
    const { masterRoot, scheduler, network, master, oracle } = this.#world;
    scheduler.note(`most is deleted while ${mirror.name} is away`);
    network.part(mirror.host, master.host);
    oracle.edited();
    for (const path of pathsBelow(masterRoot))
      if (this.#random.chance(0.7) && statSync(join(masterRoot, path)).isFile()) rmSync(join(masterRoot, path));
    const heal = (): void => network.heal(mirror.host, master.host);
    this.#call(master, () => this.#vanishings.scan('agreed'));
    scheduler.after(this.#random.between(2_000, 20_000), 'heal', heal, null);
  }

  /** The database of a mirror is saved, and put back later. */
  #putBack(mirror: Install): void {
    if (!mirror.isUp) return;
    const { scheduler, oracles } = this.#world;
    this.#inBackground(async () => {
      await mirror.stop();
      const saved = this.#saved.get(mirror);
      if (saved === undefined) this.#saved.set(mirror, mirror.saveDatabase());
      else {
        this.#counts.putBack += 1;
        scheduler.note(`the database of ${mirror.name} is put back`);
        mirror.putBack(saved);
        for (const oracle of oracles) oracle.putBack(mirror.name);
        this.#world.releaseDrops?.putBack(mirror);
      }
      this.#startLater(mirror);
    });
  }

  /** The master is backed up, while it runs or, by a copy, while it is stopped; and put back later. */
  #restore(): void {
    const { scheduler, master } = this.#world;
    if (!master.isUp) return;
    const backup = this.#backup;
    this.#inBackground(async () => {
      const isNew = backup === undefined || this.#random.chance(0.3);
      if (isNew && this.#random.chance(0.5)) {
        this.#backup = await master.backUp();
        return scheduler.note(`${master.name} is backed up`);
      }
      await master.stop();
      if (isNew) {
        this.#backup = { kind: 'copy', database: master.saveDatabase() };
        scheduler.note(`${master.name} is copied`);
        return this.#startLater(master);
      }
      this.#counts.restored += 1;
      scheduler.note(`${master.name} is put back: ${backup.kind}`);
      master.putBackLater(backup);
      this.#startLater(master);
    });
  }

  /** A person who looks in now and then at what mirrors do not delete without being told. In the end all of it goes. */
  #answer(): void {
    const { scheduler, master, mirrors, oracle } = this.#world;
    const look = (): void => {
      this.#answer();
      for (const mirror of mirrors) {
        const how = this.#stopped || this.#random.chance(0.6) ? 'publish' : 'discard';
        const [at, id] = this.#random.chance(0.5)
          ? [mirror, `${SITE}:deletes`]
          : [master, `${SITE}@${mirror.name}:deletes`];
        this.#call(at, async () => {
          const waiting = await at.call('waiting.list', {});
          if (!waiting.some((item) => item.id === id)) return;
          this.#counts.answers += 1;
          scheduler.note(`somebody says ${how} to ${id} at ${at.name}`);
          if (how === 'discard') oracle.givenUp(mirror.name, mirror.held());
          await at.call('waiting.resolve', { id, how });
        });
      }
    };
    scheduler.after(this.#random.between(500, 15_000), 'a person looks', look, null);
  }

  /** Somebody changes a file of the master's tree without FTP, and has it looked for a little later. */
  #editMaster(): void {
    const { masterRoot, scheduler, oracle } = this.#world;
    const paths = pathsBelow(masterRoot);
    const random = this.#random;
    const files = paths.filter((path) => statSync(join(masterRoot, path)).isFile());
    const some = files.length > 0 && random.chance(0.7) ? random.pick(files) : `edited-${random.below(5)}.txt`;
    const renamed = this.#plan.twoSpellings ? respell(masterRoot, paths, random) : undefined;
    if (renamed !== undefined) {
      scheduler.note(`somebody renames ${renamed} at the master`);
      return this.#scanLater();
    }
    const path = this.#plan.twoSpellings ? respelled(some, random) : this.#isNormalising ? accented(some) : some;
    if (this.#isNormalising && files.includes(path) && random.chance(0.3)) reform(masterRoot, path, random);
    const absolute = join(masterRoot, this.#isNormalising ? inSomeForm(path, random) : path);
    if (random.chance(0.25)) rmSync(absolute, { force: true });
    else {
      const text = random.chance(0.1) && files.includes(path) ? readFileSync(absolute) : `edited ${(this.#made += 1)}`;
      try {
        mkdirSync(join(absolute, '..'), { recursive: true });
        writeFileSync(absolute, text);
        const seconds = scheduler.wallClock() / 1000;
        utimesSync(absolute, seconds, seconds);
      } catch (error) {
        // What was there is empty now, or a new file is; or in its other spelling it is a folder, or one above is a file.
        const expected = this.#plan.twoSpellings ? NO_FILE : FULL;
        if (!(error instanceof Error && 'code' in error && expected.has(error.code))) throw error;
      }
    }
    scheduler.note(`somebody edits ${path} at the master`);
    oracle.written.edited(path);
    this.#scanLater();
  }

  /** The master's disk takes two forms of a name for one. */
  get #isNormalising(): boolean {
    return this.#plan.folding['master']?.normalising !== undefined;
  }

  #scanLater(): void {
    const { scheduler, master, oracle } = this.#world;
    oracle.edited();
    if (this.#plan.watched) return;
    const random = this.#random;
    const scan = (): void => this.#call(master, () => this.#vanishings.scan());
    scheduler.after(random.between(100, 5_000), 'scan', scan, null);
  }

  /** Somebody changes what a mirror has published: it is set to restore that. */
  #editMirror(mirror: Install): void {
    const { oracle, scheduler } = this.#world;
    const random = this.#random;
    const files = pathsBelow(mirror.root).filter((path) => statSync(join(mirror.root, path)).isFile());
    if (files.length === 0) return;
    this.#counts.edits += 1;
    const path = random.pick(files);
    const absolute = join(mirror.root, path);
    scheduler.note(`somebody edits ${path} at ${mirror.name}`);
    if (random.chance(0.3)) {
      oracle.foreign(mirror.name, path, undefined);
      return rmSync(absolute);
    }
    const text = `edited at ${mirror.name} ${(this.#made += 1)}`;
    oracle.foreign(mirror.name, path, text);
    writeFileSync(absolute, text);
  }

  #rollBack(): void {
    const { master } = this.#world;
    this.#call(master, async () => {
      const releases = await master.call('release.list', { site: SITE });
      const release = releases.length > 0 ? this.#random.pick(releases) : undefined;
      if (release)
        await master.call('release.rollback', { site: SITE, release: release.id, force: this.#random.chance(0.5) });
    });
  }

  /** What a person asks of an install may be refused, or never answered. */
  #call(install: Install, work: () => Promise<unknown>): void {
    if (!install.isUp) return;
    this.#counts.calls += 1;
    this.#inBackground(work);
  }

  #inBackground(work: () => Promise<unknown>): void {
    const { scheduler } = this.#world;
    work().catch((error: unknown) => {
      if (!(error instanceof AppError)) return scheduler.fail(error);
      scheduler.note(`refused: ${error.code} ${JSON.stringify(error.params)}`);
    });
  }
}

/** What a mirror does not delete before it is told to. */
