import { currentGeneration, PowerLost } from '../generation.ts';
import { DiskError, type Where } from './disk-error.ts';
import { FileSystem } from './file-system.ts';
import { altered, type FileInode, flushTimes, type FolderInode, type Inode, newFile } from './inode.ts';
import type { Random } from './random.ts';
import { contentOf } from './stored-bytes.ts';
import { type DiskFaults, type NameRules, type Refusal, Volume } from './volume.ts';

/** One call on a file system, as it is about to have its effect. */
export interface DiskOperation {
  /** Of Node's function: `renameSync`, `open`, `sqlite`. */
  readonly name: string;
  readonly path: string;
  /** Of the machine; undefined for a path outside of all. */
  readonly prefix: string | undefined;
}

export interface DiskOptions {
  /** Runs what an asynchronous call does, later: the order of these is the order of effects. Absent: one after the other. */
  readonly schedule?: (run: () => void, operation: DiskOperation) => void;
  /** How whoever watches a folder from now on is told of what happens there. Absent: in a turn of his own. */
  readonly teller?: () => (run: () => void) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Before each call has its effect. May end the generation (power is lost), or throw a `DiskError` that the call then fails with. */
  readonly onOperation?: (operation: DiskOperation) => void;
}

/** What stands at a path. `mtime` in whole milliseconds. */
export type Standing =
  | { readonly kind: 'folder' }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'file'; readonly content: Buffer; readonly mtime: number; readonly mode: number };

/** Between two times that are told within one millisecond. */
const TICK = 1000n;

/**
 * The disks of all machines of a simulation, in memory. Each has its files below a prefix (`/sim/n1`) that is mounted; what is
 * outside belongs to the real machine. Calls of a generation that has ended have no effect and do not come back.
 */
export class SimulatedDisk {
  readonly files: FileSystem;
  readonly #options: DiskOptions;
  readonly #volumes = new Map<string, Volume>();
  #lastTime = 0n;

  constructor(options: DiskOptions = {}) {
    this.#options = options;
    this.files = new FileSystem(
      (path, where) => this.#requireVolume(path, where),
      () => this.#time(),
      options.teller,
    );
  }

  /** A new, empty disk. */
  mount(prefix: string, rules: NameRules = {}): void {
    if (!/^(?:\/[\w.-]+)+$/.test(prefix)) throw new TypeError(`no prefix: ${prefix}`);
    this.#volumes.set(prefix, new Volume(prefix, 1000 + this.#volumes.size, rules, this.#time()));
  }

  /** Set and taken away at any time. */
  faults(prefix: string): DiskFaults {
    return this.#volume(prefix).faults;
  }

  /** From now on programs of Lockstep cannot do this with what stands there, whatever it is called later. Returns how to let them. */
  refuse(path: string, refusal: Refusal): () => void {
    const where = { syscall: 'chmod', path };
    const volume = this.#requireVolume(path, where);
    const inode = volume.findInode(path, false, where);
    const { refused } = volume.faults;
    const set = (how: Refusal | undefined): void => {
      if (how) refused.set(inode.ino, how);
      else refused.delete(inode.ino);
      // After a loss of power another object stands for it.
      const there = volume.inode(inode.ino);
      if (there && refusal.code === 'EACCES') this.files.rightsSet(there);
    };
    set(refusal);
    return () => {
      if (refused.get(inode.ino) === refusal) set(undefined);
    };
  }

  /** The path is on a simulated disk. */
  has(path: string): boolean {
    return this.#volumeOf(path) !== undefined;
  }

  /** Of the machine on whose disk the path is. */
  prefixOf(path: string): string | undefined {
    return this.#volumeOf(path)?.prefix;
  }

  /** The process of the machine is killed: what it wrote is kept by its system. Its generation must have ended. */
  kill(prefix: string): void {
    this.files.closeAll(this.#volume(prefix), 'process');
  }

  /** Power is lost: see `NameMode` and `FileContent.survive`. The generation of the machine must have ended. */
  crash(prefix: string, random: Random): void {
    const volume = this.#volume(prefix);
    this.files.closeAll(volume, 'machine');
    volume.loseUnflushed(random);
  }

  /** Does a synchronous call. */
  perform<T>(name: string, path: string, work: () => T): T {
    this.begin({ name, path, prefix: this.#volumeOf(path)?.prefix });
    return work();
  }

  /** Does an asynchronous call. Never settles where the power is lost before its effect. */
  later<T>(name: string, path: string, work: () => T): Promise<T> {
    const generation = currentGeneration();
    const operation = { name, path, prefix: this.#volumeOf(path)?.prefix };
    return new Promise((resolve, reject) => {
      const run = (): void => {
        if (generation?.ended) return;
        try {
          const inContext = (): T => {
            this.begin(operation);
            return work();
          };
          resolve(generation ? generation.run(inContext) : inContext());
        } catch (error) {
          if (!(error instanceof PowerLost)) reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      if (generation?.ended) return;
      (this.#options.schedule ?? setImmediate)(run, operation);
    });
  }

  /** All that stands below a prefix, by absolute paths: for who looks from outside. */
  visible(prefix: string): Map<string, Standing> {
    const found = new Map<string, Standing>();
    const visit = (folder: FolderInode, path: string): void => {
      for (const { name, inode } of folder.entries.values()) {
        const at = `${path}/${name}`;
        found.set(at, standing(inode));
        if (inode.kind === 'folder') visit(inode, at);
      }
    };
    visit(this.#volume(prefix).root, prefix);
    return found;
  }

  /**
   * The file of the real machine in which SQLite keeps the database at a path; made by `create` where there is none yet. The
   * name is durable at once, as SQLite makes it.
   */
  database(path: string, create: (content: Buffer, path: string) => string): string {
    const where = { syscall: 'open', path };
    const volume = this.#requireVolume(path, where);
    const place = volume.find(path, true, where);
    let inode = place.entry?.inode;
    if (inode && inode.kind !== 'file') throw new DiskError('EISDIR', where);
    if (!inode) {
      volume.requireOpen(place, where);
      inode = newFile(volume.nextInode(), 0o644, this.#time());
      const entry = { name: volume.nameToKeep(place.name, where), inode };
      volume.names.recordDurably({ changes: [{ folder: place.folder, key: place.key, entry }], movesFolder: false });
      inode.links = 1;
    }
    const file: FileInode = inode;
    file.external ??= create(contentOf(file), path);
    altered(file, this.#time());
    flushTimes(file);
    return file.external;
  }

  /** Another file of the real machine is in the place of the one in which SQLite keeps the database at a path. */
  replaceDatabase(path: string, external: string): void {
    const inode = this.#requireVolume(path, { syscall: 'open', path }).findInode(path, true, { syscall: 'open', path });
    if (inode.kind !== 'file') throw new DiskError('EISDIR', { syscall: 'open', path });
    inode.external = external;
  }

  /** There is no room for what a database has to write now. */
  refusesCommit(path: string): boolean {
    return this.#volumeOf(path)?.faults.refusesCommit?.() ?? false;
  }

  /** A call is about to have its effect. */
  begin(operation: DiskOperation): void {
    requirePower();
    this.#options.onOperation?.(operation);
    requirePower();
  }

  #time(): bigint {
    const now = BigInt(Math.trunc((this.#options.now ?? Date.now)())) * 1_000_000n;
    this.#lastTime = now > this.#lastTime ? now : this.#lastTime + TICK;
    return this.#lastTime;
  }

  #volumeOf(path: string): Volume | undefined {
    for (const volume of this.#volumes.values()) {
      const { prefix } = volume;
      if (path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/')) return volume;
    }
    return undefined;
  }

  #requireVolume(path: string, where: Where): Volume {
    const volume = this.#volumeOf(path);
    if (!volume) throw new DiskError('ENOENT', where);
    return volume;
  }

  #volume(prefix: string): Volume {
    const volume = this.#volumes.get(prefix);
    if (!volume) throw new TypeError(`${prefix} is not mounted`);
    return volume;
  }
}

function requirePower(): void {
  const generation = currentGeneration();
  if (generation?.ended) throw new PowerLost(generation.name);
}

function standing(inode: Inode): Standing {
  switch (inode.kind) {
    case 'folder':
      return { kind: 'folder' };
    case 'link':
      return { kind: 'link', target: inode.target };
    case 'file': {
      const mtime = Math.round(Number(inode.times.mtime) / 1_000_000);
      return { kind: 'file', content: contentOf(inode), mtime, mode: inode.mode };
    }
  }
}
