import { constants } from 'node:fs';
import { STORE_FILE } from '../../../electron/engine/install/node.ts';
import { beginDatabasesWith, loseUnflushedCommits, removeDatabases } from '../disk/node-sqlite.ts';
import { useDisk } from '../disk/current.ts';
import { SimulatedDisk } from '../disk/simulated-disk.ts';
import type { NameRules, NoRoom, Refusal } from '../disk/volume.ts';
import { SeededRandom } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import { storeTables } from '../disk/store-tables.ts';

const WRITES = constants.O_WRONLY | constants.O_RDWR;

/** How long a call of the file system takes, in milliseconds. */
const CALL_MILLIS = [0.02, 0.6] as const;

/** What else finds no room: what a database writes, what removes a name. */
export interface RoomTrouble {
  readonly databases: boolean;
  readonly removals: boolean;
}

/** What is told of the disks, by absolute paths. */
interface Told {
  /** Something is made, removed, renamed or opened to be written. */
  readonly onChange: (path: string) => void;
  /** Somebody watches a folder from now on. */
  readonly onWatch: (path: string) => void;
}

/** The disks of all machines of a world. What changes on them is seen, and what is written to a database. */
export class Machines {
  readonly disk: SimulatedDisk;
  readonly #random: SeededRandom;
  readonly #roomLeft: SeededRandom;
  readonly #flushes: SeededRandom;
  readonly #descriptors: SeededRandom;
  readonly #quota: SeededRandom;
  /** Where something has found no room since there is none. */
  readonly #refused = new Set<string>();
  readonly #written = new Set<string>();
  failedFlushes = 0;

  constructor(scheduler: Scheduler, seed: string, { onChange, onWatch }: Told) {
    this.#random = new SeededRandom(`disk ${seed}`);
    this.#roomLeft = new SeededRandom(`room left ${seed}`);
    this.#flushes = new SeededRandom(`flushes ${seed}`);
    this.#descriptors = new SeededRandom(`descriptors ${seed}`);
    this.#quota = new SeededRandom(`quota ${seed}`);
    this.disk = new SimulatedDisk({
      now: () => scheduler.wallClock(),
      schedule: (run, { name }) => {
        scheduler.after(this.#random.between(...CALL_MILLIS), `disk ${name}`, run);
      },
      teller: () => {
        const { process = null } = scheduler;
        return (run) => void scheduler.after(this.#random.between(...CALL_MILLIS), 'watch', run, process);
      },
      onOperation: ({ name, prefix }) => {
        if (name === 'sqlite' && prefix !== undefined) this.#written.add(prefix);
      },
    });
    useDisk(this.disk);
    // Each migration is tried elsewhere, and would be most of what a short life does.
    beginDatabasesWith(STORE_FILE, storeTables());
    this.#watch({ onChange, onWatch });
  }

  mount(prefix: string, rules: NameRules): void {
    this.disk.mount(prefix, rules);
  }

  /** From now on so many of its flushes fail, with that. */
  failFlushes(prefix: string, share: number, code: 'EIO' | NoRoom): void {
    const faults = this.disk.faults(prefix);
    if (share === 0) return void delete faults.failsFlush;
    faults.failsFlush = () => {
      if (!this.#flushes.chance(share)) return undefined;
      this.failedFlushes += 1;
      return { code, kept: () => this.#flushes.number() };
    };
  }

  /** The database of a machine may have changed since this was asked last. */
  hasWritten(prefix: string): boolean {
    return this.#written.delete(prefix);
  }

  /** A process of it has ended. */
  ended(prefix: string, by: 'crash' | 'power'): void {
    if (by === 'crash') return this.disk.kill(prefix);
    const random = (): number => this.#random.number();
    this.disk.crash(prefix, random);
    loseUnflushedCommits(this.disk, prefix, random);
  }

  /** From now on nothing more fits on its disk, for a database only now and then (what it writes to may be larger than it has to be). */
  fill(prefix: string, how: { readonly databases: boolean }): void {
    const faults = this.disk.faults(prefix);
    faults.capacity = 0;
    if (how.databases) faults.refusesCommit = () => this.#roomLeft.chance(0.6);
  }

  /** As much fits as ever. */
  empty(prefix: string): void {
    const faults = this.disk.faults(prefix);
    delete faults.capacity;
    delete faults.refusesCommit;
  }

  /** From now on Lockstep may make and remove no name in a folder (absolute), or in none (undefined). */
  seal(prefix: string, folder: string | undefined): void {
    const { sealed } = this.disk.faults(prefix);
    if (folder === undefined) sealed.clear();
    else sealed.add(folder);
  }

  /** From now on so many of its calls that open something find no descriptor. */
  lackDescriptors(prefix: string, share: number): void {
    const faults = this.disk.faults(prefix);
    if (share === 0) delete faults.lacksDescriptors;
    else faults.lacksDescriptors = () => this.#descriptors.chance(share);
  }

  /** From now on so many of its calls that take room find none; for a database only now and then, and only where that is asked for. */
  lackRoom(prefix: string, share: number, how: RoomTrouble): void {
    const faults = this.disk.faults(prefix);
    delete faults.lacksRoom;
    delete faults.removesWithRoom;
    delete faults.refusesCommit;
    this.#refused.delete(prefix);
    if (share === 0) return;
    const code = this.#quota.pick(['ENOSPC', 'EDQUOT'] as const);
    faults.lacksRoom = () => {
      if (!this.#quota.chance(share)) return undefined;
      this.#refused.add(prefix);
      return code;
    };
    if (how.removals) faults.removesWithRoom = true;
    if (how.databases) faults.refusesCommit = () => this.#quota.chance(share / 2);
  }

  /** What makes a name, and may be what removes one, finds no room now, and has not found any. */
  lacksRoom(prefix: string): boolean {
    return this.#refused.has(prefix);
  }

  /** See `SimulatedDisk.refuse`. */
  refuse(path: string, refusal: Refusal): () => void {
    return this.disk.refuse(path, refusal);
  }

  close(): void {
    removeDatabases();
  }

  #watch({ onChange, onWatch }: Told): void {
    const { files } = this.disk;
    const tell = <A extends readonly unknown[], R>(work: (...values: A) => R, paths: readonly number[]) => {
      return (...values: A): R => {
        const result = work(...values);
        for (const at of paths) onChange(String(values[at]).normalize('NFC'));
        return result;
      };
    };
    const watch = files.watch.bind(files);
    const open = files.open.bind(files);
    Object.assign(files, {
      unlink: tell(files.unlink.bind(files), [0]),
      rename: tell(files.rename.bind(files), [0, 1]),
      link: tell(files.link.bind(files), [1]),
      makeFolder: tell(files.makeFolder.bind(files), [0]),
      removeFolder: tell(files.removeFolder.bind(files), [0]),
      copy: tell(files.copy.bind(files), [1]),
      watch: (path: string): object => {
        onWatch(path);
        return watch(path);
      },
      // Nothing is written in place; where it were, it would be seen.
      open: (path: string, flags: number | string, mode: number): number => {
        const fd = open(path, flags, mode);
        if (typeof flags === 'string' ? /[wa+]/.test(flags) : (flags & WRITES) !== 0) onChange(path.normalize('NFC'));
        return fd;
      },
    });
  }
}
