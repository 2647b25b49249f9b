import { createHash } from 'node:crypto';
import { closeSync, fstatSync, futimesSync, openSync, readSync, renameSync, statSync, writeSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathsBelow } from '../oracle/tree.ts';
import type { Writing } from '../oracle/written-files.ts';
import type { SeededRandom } from '../random.ts';
import type { World } from './world.ts';

/** There is no room for it, or what it is in was taken away or replaced. */
const GIVEN_UP: ReadonlySet<unknown> = new Set(['ENOSPC', 'ENOENT', 'ENOTDIR', 'EISDIR']);

/** A file that is being written. */
interface Job {
  /** Absolute. */
  readonly file: string;
  /** The name that it gets once it is whole. */
  readonly to: string | undefined;
  /** Anew, after what it holds, or over it, from its beginning. */
  readonly how: 'w+' | 'a+' | 'r+';
  readonly writing: Writing;
  /** Between two pieces, at most. */
  readonly pause: number;
  /** Open as long as it is being written. */
  fd: number | undefined;
  pieces: number;
  position: number;
}

/**
 * Programs and people that write to the folder of a master that is watched, each file in pieces: through a descriptor that stays open, or
 * one for each piece, as it looks where the program is another user's; in place, or under another name, beside it or elsewhere.
 */
export class SlowWriters {
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #jobs = new Set<Job>();
  made = 0;

  constructor(world: World, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
  }

  begin(): void {
    const { masterRoot, master, oracle, scheduler } = this.#world;
    const random = this.#random;
    const paths = pathsBelow(masterRoot).filter((path) => statSync(join(masterRoot, path)).isFile());
    const isThere = paths.length > 0 && random.chance(0.6);
    const path = isThere ? random.pick(paths) : `written-${random.below(4)}.${random.pick(['txt', 'html'])}`;
    const target = join(masterRoot, path);
    const number = (this.made += 1);
    const where = random.weighted({ inPlace: 6, beside: 2, elsewhere: 1 });
    const file = { inPlace: target, beside: `${target}.${number}.part`, elsewhere: join(master.machine, `${number}`) };
    const job: Job = {
      file: file[where],
      to: where === 'inPlace' ? undefined : target,
      how: where === 'inPlace' && isThere ? random.pick(['w+', 'a+', 'r+'] as const) : 'w+',
      writing: { isSeen: random.chance(0.5), isOver: false },
      pause: random.pick([20, 450, 2_500, 8_000]),
      fd: undefined,
      pieces: 1 + random.below(12),
      position: 0,
    };
    scheduler.note(
      `somebody begins to write ${path} ${where}, ${job.how}, ${job.writing.isSeen ? 'open all the time' : 'unseen'}`,
    );
    oracle.edited();
    this.#jobs.add(job);
    this.#goOn(job);
  }

  /** What is being written is whole as it is. */
  stop(): void {
    for (const job of this.#jobs) this.#finish(job);
  }

  #goOn(job: Job): void {
    if (!this.#jobs.has(job)) return;
    if (job.pieces === 0) return this.#finish(job);
    if (!this.#try(() => this.#write(job))) return this.#finish(job);
    job.pieces -= 1;
    this.#world.scheduler.after(this.#random.between(1, job.pause), 'a writer', () => this.#goOn(job), null);
  }

  #write(job: Job): void {
    const { scheduler } = this.#world;
    const isFirst = job.position === 0;
    // Of a file that is empty nothing is taken away, and one that has gone meanwhile is made anew.
    const before = statSync(job.file, { throwIfNoEntry: false })?.size;
    const isEmptied = isFirst && (before === undefined || (job.how === 'w+' && before > 0));
    const fd = job.fd ?? openSync(job.file, isFirst || job.how === 'r+' ? job.how : 'a+');
    if (job.writing.isSeen) job.fd = fd;
    try {
      // Now and then there is nothing to write yet.
      const piece = isFirst && this.#random.chance(0.2) ? Buffer.alloc(0) : this.#piece(job);
      scheduler.note(`${piece.length} bytes for ${this.#nameOf(job)}`);
      if (isEmptied) this.#tell(job, fd);
      if (piece.length === 0) return;
      job.position += writeSync(fd, piece, 0, piece.length, job.how === 'r+' ? job.position : null);
      this.#tell(job, fd);
    } finally {
      if (!job.writing.isSeen) closeSync(fd);
    }
  }

  #finish(job: Job): void {
    this.#jobs.delete(job);
    this.#world.scheduler.note(`${this.#nameOf(job)} is whole`);
    // Many a copy has the time of what it was made from.
    const isCopy = this.#random.chance(0.25);
    const time = new Date(this.#world.scheduler.wallClock() - this.#random.below(1_000_000_000));
    this.#try(() => {
      const fd = job.fd ?? openSync(job.file, 'r');
      if (isCopy) futimesSync(fd, time, time);
      closeSync(fd);
      job.writing.isOver = true;
      if (job.to !== undefined) renameSync(job.file, job.to);
    });
  }

  /** False: it is given up. */
  #try(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && GIVEN_UP.has(error.code))) throw error;
      return false;
    }
  }

  #piece(job: Job): Buffer {
    const isPage = job.file.endsWith('.html');
    const text = isPage ? '<a href="/one.txt">' : 'x';
    // What is read in more than one turn is rare; in large pages nobody looks for links.
    const length = this.#random.chance(0.03) ? (isPage ? 20_000 : 1_300_000) : this.#random.below(40);
    return Buffer.from(`${this.#nameOf(job)} ${this.#random.number()} ${text.repeat(1 + length)}\n`);
  }

  #nameOf({ file }: Job): string {
    return relative(this.#world.masterRoot, file);
  }

  /** The oracle hears what the file holds now. */
  #tell(job: Job, fd: number): void {
    const { oracle, scheduler } = this.#world;
    const { ino, size } = fstatSync(fd);
    const content = Buffer.alloc(size);
    readSync(fd, content, 0, size, 0);
    const sha256 = createHash('sha256').update(content).digest('hex');
    oracle.written.wrote(this.#nameOf(job), { ino, sha256, size }, job.writing, scheduler.now);
  }
}
