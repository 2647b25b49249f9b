import {
  closeSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { PublishJob } from '../../../shared/contract/publishing.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { DROPPER, type Row, type State } from '../oracle/journal-model.ts';
import { pathsBelow, stateAt } from '../oracle/tree.ts';
import type { SeededRandom } from '../random.ts';
import { FTP_PORT, type Install } from './install.ts';
import { respelled } from './spellings.ts';
import type { World } from './world.ts';

export const DROPPING = { user: DROPPER, password: 'a dropper' } as const;
const SITE = 'www';
const TARGET = 'there';
const NAMES = ['index.html', 'one.txt', 'two.txt', 'x', 'x/page.html', 'x/deep.txt', 'y/z/three.css', 'y/empty'];
const INTO = ['', 'a', 'b/z', 'drops', 'drops/new'];
/** Read and sent in several pieces. */
const LARGE_BYTES = 600_000;

/** One drop, as whoever asked for it knows it. */
interface Drop {
  readonly id: string;
  readonly at: Install;
  readonly into: string;
  readonly delete: boolean;
  /** The newest change when it was asked for. */
  readonly from: number;
  /** By path in the folder: what stood there since. */
  readonly stood: Map<string, Set<string>>;
  told: 'nothing' | 'done' | 'cancelled';
  /** What it has become in the journal, and of which that was: see `JournalModel.era`. */
  release: number | undefined;
  era: number;
  /** Its Lockstep may not know that it has become that: it finds that out, or publishes it once more. */
  isForgotten: boolean;
}

/**
 * People who publish a folder as a release: to a site of the master itself, or as a target of a mirror's Lockstep. It is changed meanwhile.
 * What a drop publishes was in the folder, whole, while it was under way; what is told as done is in the journal, and what is told as
 * cancelled never is.
 */
export class ReleaseDrops {
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #folder: string;
  readonly #drops = new Map<string, Drop>();
  #stopped = false;
  #written = 0;
  #rows = 0;
  made = 0;
  done = 0;

  /** `folder`: on a disk of its own, that never fails. */
  constructor(world: World, folder: string, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
    this.#folder = folder;
  }

  start(): void {
    mkdirSync(this.#folder);
    for (const at of [this.#world.master, this.#world.mirrors[0]])
      if (at) this.#later(at, this.#random.between(0, 3_000));
  }

  /** What was begun comes to its end, and then all of the folder is published once more. */
  async finish(): Promise<void> {
    this.#stopped = true;
    for (const at of [this.#world.master, this.#world.mirrors[0]]) {
      if (!at) continue;
      await this.#comeToEnd(at);
      await this.#world.until(this.#begin(at));
      await this.#comeToEnd(at);
    }
  }

  /** The oracle has read what the master has journalled. */
  journalled(): void {
    const { rows } = this.#world.oracle.model;
    for (const drop of this.#drops.values())
      if (drop.release !== undefined && drop.release > rows.length) drop.release = undefined;
    this.#rows = Math.min(this.#rows, rows.length);
    const news = rows.slice(this.#rows);
    this.#rows = rows.length;
    const ids = new Set(news.flatMap(({ release }) => release ?? []));
    for (const id of ids) {
      const drop = this.#drops.get(this.#world.oracle.model.nameOfRelease(id) ?? '');
      if (drop)
        this.#published(
          drop,
          id,
          news.filter(({ release }) => release === id),
        );
    }
  }

  /** The database of an install is an older one: it knows of no drop what it has become since. */
  putBack(at: Install): void {
    for (const drop of this.#drops.values()) if (drop.at === at) drop.isForgotten = true;
  }

  #later(at: Install, millis: number): void {
    const next = (): void => {
      if (this.#stopped) return;
      this.#later(at, this.#random.between(50, 4_000));
      for (let left = this.#random.below(4); left > 0; left -= 1) this.#edit();
      if (!at.isUp) return;
      this.#act(at).catch((error: unknown) => {
        if (!(error instanceof AppError)) return this.#world.scheduler.fail(error);
        this.#world.scheduler.note(`refused: ${error.code} ${JSON.stringify(error.params)}`);
      });
    };
    this.#world.scheduler.after(millis, 'release drop', next, null);
  }

  async #act(at: Install): Promise<void> {
    const random = this.#random;
    const jobs = await this.#list(at);
    const [job] = jobs;
    if (!job) return this.#begin(at);
    if (job.state.is === 'stopped' && random.chance(0.6)) await this.#resume(job);
    else if (random.chance(0.15)) await this.#cancel(job);
    else if (at === this.#world.master && jobs.length < 3 && random.chance(0.2)) await this.#begin(at);
  }

  async #begin(at: Install): Promise<void> {
    const { master } = this.#world;
    const random = this.#random;
    const isOwn = at === master;
    await this.#target(at);
    const id = String((this.made += 1)).padStart(16, '0');
    const into = random.pick(INTO);
    const withDelete = into !== '' && random.chance(0.5);
    const drop: Drop = {
      id,
      at,
      into,
      delete: withDelete,
      from: this.#world.oracle.model.rows.length,
      stood: new Map(),
      told: 'nothing',
      release: undefined,
      era: 0,
      isForgotten: false,
    };
    this.#drops.set(id, drop);
    this.#look(drop, true);
    this.#world.scheduler.note(`${at.name} drops ${id} into ${into}${withDelete ? ', and deletes' : ''}`);
    await at.call('publish.start', {
      id,
      to: isOwn ? { kind: 'site', site: SITE } : { kind: 'target', target: TARGET },
      sources: [this.#folder],
      name: id,
      ...(into !== '' && { into }),
      delete: withDelete,
      allowDeletes: random.chance(0.7),
      ...(random.chance(0.2) && { together: { limit: 5_000 + random.below(25_000) } }),
    });
  }

  /** Its password is kept until its Lockstep ends. */
  async #target(at: Install): Promise<void> {
    const { master } = this.#world;
    if (at === master) return;
    const place = { name: TARGET, host: master.host, port: FTP_PORT, protocol: 'ftp' as const, folder: '' };
    const target = { ...place, user: DROPPING.user, trust: { by: 'authority' as const } };
    await at.call('target.add', { target, password: DROPPING.password, remember: false, replace: true });
  }

  async #resume({ id }: PublishJob): Promise<void> {
    const drop = this.#drops.get(id);
    if (!drop) return;
    if (drop.told !== 'nothing') {
      // Its database was put back to a time at which it had not ended, or had no room for that.
      drop.told = 'nothing';
      drop.isForgotten = true;
      this.#look(drop);
    }
    await this.#target(drop.at);
    await drop.at.call('publish.resume', { job: id, allowDeletes: true });
  }

  async #cancel({ id }: PublishJob): Promise<void> {
    const drop = this.#drops.get(id);
    if (!drop) return;
    const job = await drop.at.call('publish.cancel', { job: id });
    this.#tell(drop, job);
  }

  async #comeToEnd(at: Install): Promise<void> {
    const { scheduler } = this.#world;
    const resumed = new Map<string, number>();
    for (const end = scheduler.now + 30 * 60_000; scheduler.now < end && scheduler.failure === undefined; ) {
      const jobs = await this.#world.until(this.#list(at));
      if (jobs.length === 0) return;
      for (const job of jobs) {
        if (job.state.is !== 'stopped') continue;
        const times = (resumed.get(job.id) ?? 0) + 1;
        resumed.set(job.id, times);
        await this.#world.until(times > 3 ? this.#cancel(job) : this.#resume(job));
      }
      await scheduler.runUntil(scheduler.now + 1_000);
    }
    if (scheduler.failure === undefined) throw new Error('a drop does not come to its end');
  }

  /** Those that have not ended. One that was under way when its Lockstep ended has stopped. Drops to servers of others are none of these. */
  async #list(at: Install): Promise<PublishJob[]> {
    const jobs = (await at.call('publish.list', {})).filter(({ id }) => this.#drops.has(id));
    for (const job of jobs) {
      const drop = this.#drops.get(job.id);
      if (drop) this.#tell(drop, job);
    }
    return jobs.filter(({ state }) => state.is !== 'done' && state.is !== 'cancelled');
  }

  /** Somebody reads how far it is. */
  #tell(drop: Drop, { state }: PublishJob): void {
    if (drop.told !== 'nothing') return;
    if (state.is === 'stopped') {
      this.#world.scheduler.note(`drop ${drop.id} has stopped: ${JSON.stringify(state.error)}`);
      // Whoever does not get through again is told that, and no more, as is who was ended in the midst of it; once it goes on it is told as published.
      const isNotHeard = ['publish.unreachable', 'publish.left', 'target.no-password'].includes(state.error.code);
      if (this.#isPublished(drop) && !isNotHeard)
        this.#forbid(drop, `is published, and said to have failed: ${state.error.code}`);
    }
    if (state.is !== 'done' && state.is !== 'cancelled') return;
    this.#world.scheduler.note(`drop ${drop.id} is ${JSON.stringify(state)}`);
    drop.told = state.is;
    if (state.is === 'cancelled') {
      if (this.#isPublished(drop)) this.#forbid(drop, 'is published, and said to be cancelled');
      return;
    }
    this.done += 1;
    const { model } = this.#world.oracle;
    const release = state.release === undefined ? undefined : model.rowTold(state.release, drop.era)?.release;
    if (release !== drop.release && (release !== undefined || this.#isPublished(drop)))
      this.#forbid(drop, `is told as release ${release}, not ${drop.release}`);
    drop.isForgotten = false;
    if (release === undefined) this.#requireAll(drop, model.rows.length);
  }

  #published(drop: Drop, release: number, rows: readonly Row[]): void {
    if (drop.told === 'cancelled') return this.#forbid(drop, `is cancelled, and published as ${release}`);
    if (this.#isPublished(drop)) return this.#forbid(drop, `is published again, as ${release}`);
    drop.release = release;
    drop.isForgotten = false;
    drop.era = this.#world.oracle.model.era;
    for (const { op, path, content } of rows) {
      const own = drop.into === '' ? path : path.slice(drop.into.length + 1);
      const stood = drop.stood.get(own);
      if (op === 'put' && !stood?.has(content?.sha256 ?? ''))
        this.#forbid(drop, `has published ${path} as it never was in the folder since: ${content?.sha256.slice(0, 8)}`);
    }
    this.#requireAll(drop, release);
  }

  /** What was in the folder all the time was in the site at some time, and what was not is gone where that was asked for. */
  #requireAll(drop: Drop, until: number): void {
    const { into } = drop;
    const isBlocked = foldersOf(`${into}/x`).some((folder) => this.#held(drop, folder, until).some(isFile));
    if (isBlocked) return;
    for (const [own, stood] of drop.stood) {
      const [only, ...others] = stood;
      if (only === undefined || others.length > 0 || only === 'gone' || only === 'link') continue;
      const path = into === '' ? own : `${into}/${own}`;
      const held = this.#held(drop, path, until);
      if (held.some((state) => wordOf(state) === only)) continue;
      const above = foldersOf(path).some((folder) => this.#held(drop, folder, until).some(isFile));
      const isInTheWay = above || held.some(({ kind }) => (only === 'dir' ? kind === 'file' : kind === 'dir'));
      if (drop.delete || !isInTheWay) this.#forbid(drop, `has not published ${path}`);
    }
    // What is not there for a while, as nobody has mounted its disk or somebody has taken it away, is not seen to be deleted.
    const { vanish, wipe, editMaster } = this.#world.plan.troubles;
    if (!drop.delete || vanish || wipe || editMaster) return;
    for (const [path, versions] of this.#world.oracle.model.history) {
      const own = path.slice(into.length + 1);
      // What is below a link's name is left alone with it.
      const isLeft = [own, ...foldersOf(own)].some((each) => drop.stood.get(each)?.has('link'));
      if (!path.startsWith(`${into}/`) || drop.stood.has(own) || isLeft) continue;
      // An older journal does not know what stands there, until somebody comes upon it.
      if (versions.some(({ seq }) => this.#world.oracle.model.isLost(seq))) continue;
      if (this.#held(drop, path, until).every(isFile) && versions.some(({ seq }) => seq <= drop.from))
        this.#forbid(drop, `has not deleted ${path}`);
    }
  }

  /** What stood at a path of the site from when the drop was asked for. */
  #held({ from }: Drop, path: string, until: number): State[] {
    const versions = this.#world.oracle.model.history.get(path) ?? [];
    const before = versions.findLast(({ seq }) => seq <= from)?.state ?? { kind: 'gone' };
    return [before, ...versions.flatMap(({ seq, state }) => (seq > from && seq <= until ? [state] : []))];
  }

  /** The journal has it, and its Lockstep knows. Where one was put back that does not, nobody knows of it any more. */
  #isPublished({ release, isForgotten }: Drop): boolean {
    return release !== undefined && !isForgotten && !this.#world.oracle.model.isLost(release);
  }

  #forbid({ id, at }: Drop, text: string): void {
    this.#world.scheduler.fail(new Error(`drop ${id} of ${at.name} ${text}`));
  }

  /** Somebody works on the folder. */
  #edit(): void {
    const random = this.#random;
    const { twoSpellings } = this.#world.plan;
    const path = twoSpellings ? respelled(random.pick(NAMES), random) : random.pick(NAMES);
    const file = join(this.#folder, path);
    if (random.chance(0.25)) clear(file);
    else if (path.endsWith('empty') || (path === 'x' && random.chance(0.5))) this.#make(file, () => mkdirSync(file));
    else if (random.chance(0.03)) this.#make(file, () => symlinkSync('one.txt', file));
    else this.#write(file);
    for (const drop of this.#drops.values()) if (drop.told === 'nothing') this.#look(drop);
  }

  #make(file: string, make: () => void): void {
    clear(file);
    for (let above = dirname(file); above.length > this.#folder.length; above = dirname(above))
      if (kindAt(above) !== 'folder') clear(above);
    mkdirSync(dirname(file), { recursive: true });
    make();
  }

  #write(file: string): void {
    const { scheduler } = this.#world;
    const random = this.#random;
    const size = random.chance(0.1) ? LARGE_BYTES : random.below(5_000);
    const text = Buffer.from(`dropped ${(this.#written += 1)} `.padEnd(size, 'x'));
    if (kindAt(file) !== 'file' || random.chance(0.6)) this.#make(file, () => writeFileSync(file, text));
    else if (random.chance(0.3)) {
      // As some programs do, which keep a file's time.
      const { atime, mtime, size: before } = statSync(file);
      writeFileSync(file, text.subarray(0, before));
      utimesSync(file, atime, mtime);
    } else {
      // In place, a half of it now and the other one later.
      const fd = openSync(file, 'r+');
      writeSync(fd, text, 0, text.length >> 1, 0);
      closeSync(fd);
      const goOn = (): void => {
        if (kindAt(file) !== 'file') return;
        const again = openSync(file, 'r+');
        writeSync(again, text, text.length >> 1, text.length - (text.length >> 1), text.length >> 1);
        ftruncateSync(again, text.length);
        closeSync(again);
        for (const drop of this.#drops.values()) if (drop.told === 'nothing') this.#look(drop);
      };
      scheduler.after(random.between(1, 3_000), 'goes on writing', goOn, null);
    }
  }

  #look({ stood }: Drop, isFirst = false): void {
    const there = new Map(pathsBelow(this.#folder).map((path) => [path, this.#wordAt(path)]));
    for (const path of there.keys()) if (!stood.has(path)) stood.set(path, new Set(isFirst ? [] : ['gone']));
    for (const [path, words] of stood) words.add(there.get(path) ?? 'gone');
  }

  #wordAt(path: string): string {
    if (kindAt(join(this.#folder, path)) === 'link') return 'link';
    return wordOf(stateAt(this.#folder, path));
  }
}

function clear(absolute: string): void {
  const kind = kindAt(absolute);
  if (kind === 'link') unlinkSync(absolute);
  else if (kind !== 'none') rmSync(absolute, { recursive: true });
}

function kindAt(absolute: string): 'file' | 'folder' | 'link' | 'none' {
  try {
    const info = lstatSync(absolute);
    return info.isSymbolicLink() ? 'link' : info.isDirectory() ? 'folder' : 'file';
  } catch {
    return 'none';
  }
}

function wordOf(state: State): string {
  return state.kind === 'file' ? state.sha256 : state.kind;
}

function isFile({ kind }: State): boolean {
  return kind === 'file';
}

function foldersOf(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/')).filter((folder) => folder !== '');
}
