import { createHash } from 'node:crypto';
import type { CommittedRelease } from '../../../electron/engine/master/site-files.ts';
import type { Journal } from '../../../electron/engine/store/journal.ts';
import { RESERVED_FOLDER, type SitePath } from '../../../shared/domain/site-path.ts';
import type { Change, Present } from '../../../shared/domain/change.ts';
import type { SimulatedDisk, Standing } from '../disk/simulated-disk.ts';
import type { MasterMachine } from './master-machine.ts';
import type { MirrorMachine } from './mirror-machine.ts';

/** More than there are. */
const ALL = 1_000_000;

/** Knows what was promised, and looks at what is there. Throws a `Broken` where the one is not the other. */
export class Oracle {
  /** Releases that were committed, by their ids. */
  readonly releases: number[] = [];
  readonly counts = { acknowledged: 0, released: 0, received: 0, looks: 0, files: 0 };
  readonly #disk: SimulatedDisk;
  /** Hashes of all that was ever sent to its end. */
  readonly #whole = new Set<string>();
  readonly #acknowledged = new Map<number, Change>();
  readonly #keptAtRest = new Map<string, readonly string[]>();
  #contents = 0;
  #received = 0;

  constructor(disk: SimulatedDisk) {
    this.#disk = disk;
  }

  // ---- what the publisher does -------------------------------------------------------------------------------------

  /** No two are the same, and no sector of one is zero. */
  newContent(path: SitePath, size: number): Buffer {
    this.#contents += 1;
    const line = `${path} ${this.#contents} `;
    return Buffer.from(line.repeat(Math.ceil(size / line.length)).slice(0, size));
  }

  /** All of it was sent. */
  offered(content: Buffer): void {
    this.#whole.add(sha256(content));
  }

  uploaded(change: Change, content: Buffer): void {
    if (change.op !== 'put') throw new Broken('an upload is no put');
    if (change.sha256 !== sha256(content))
      throw new Broken(`${change.path} was stored as something else than was sent`);
    this.#whole.add(change.sha256);
  }

  /** The client has read its 226 or 250. */
  acknowledged(change: Change): void {
    this.counts.acknowledged += 1;
    this.#acknowledged.set(change.seq, change);
  }

  released({ id }: CommittedRelease): void {
    this.counts.released += 1;
    this.releases.push(id);
  }

  /** The master was told that the mirror has it for certain. */
  received(seq: number): void {
    this.counts.received += 1;
    this.#received = Math.max(this.#received, seq);
  }

  // ---- what is there -----------------------------------------------------------------------------------------------

  /** Right after the power was lost: visitors may be shown this before the program runs. */
  lookAtVisible(prefix: string): void {
    this.counts.looks += 1;
    for (const [path, standing] of this.#tree(prefix)) {
      if (standing.kind !== 'file') continue;
      this.counts.files += 1;
      const hash = sha256(standing.content);
      if (this.#whole.has(hash)) continue;
      throw new Broken(`${prefix}: ${path} holds ${standing.content.length} bytes that nobody has sent as a whole`);
    }
  }

  /** The master has started: all that was promised is in the journal, and the tree is what the index says. */
  lookAtMaster(prefix: string, { journal, started, store }: MasterMachine): void {
    if (!started.complete) throw new Broken(`${prefix}: plans could not be rolled forward`);
    const rows = new Map(journal.changesAfter(0, ALL).map((row) => [row.seq, row]));
    for (const [seq, change] of this.#acknowledged) {
      const row = rows.get(seq);
      if (!row || row.op === 'rules' || row.op !== change.op || row.path !== change.path)
        throw new Broken(`change ${seq} (${change.op} ${change.path}) was acknowledged and is not in the journal`);
      if (row.op === 'put' && change.op === 'put' && row.sha256 !== change.sha256)
        throw new Broken(`change ${seq} (${change.path}) is journalled with another content`);
    }
    for (const id of this.releases) {
      const row = rows.get(id);
      if (!row || row.op === 'rules' || row.release?.last !== id)
        throw new Broken(`release ${id} is not in the journal`);
    }
    for (const row of rows.values()) if (row.op === 'put') this.#whole.add(row.sha256);
    this.#compare(prefix, entriesOf(journal));
    this.#lookAtReserved(prefix, 'incoming', /^part-[0-9a-f]{32}$/);
    this.#lookAtVersions(prefix, store);
  }

  lookAtMirror(prefix: string, { site, store }: MirrorMachine): void {
    const { state } = site;
    if (state.cursor < this.#received)
      throw new Broken(`${prefix}: received ${this.#received} was told, the inbox ends at ${state.cursor}`);
    // What is lost before it is deleted is not there already.
    const going = new Set([...state.wants.all()].flatMap(({ path, target }) => (target.kind === 'gone' ? [path] : [])));
    this.#compare(prefix, state.entriesAfter('', ALL), going);
    this.#lookAtVersions(prefix, store);
  }

  /** It has stopped as it should, and started: what was kept is kept, and nothing is left that nobody needs. */
  lookAtStarted(prefix: string): void {
    this.#lookAtReserved(prefix, 'staging', /^$/);
    const kept = this.#reserved(prefix, 'versions');
    for (const name of this.#keptAtRest.get(prefix) ?? [])
      if (!kept.has(name)) throw new Broken(`${prefix}: the version ${name.slice(0, 12)} was flushed and is lost`);
  }

  /** At rest: both trees are the journal's, and nothing of ours is left that is not needed. */
  lookAtBoth(master: MasterMachine, mirror: MirrorMachine, prefixes: { master: string; mirror: string }): void {
    const entries = entriesOf(master.journal);
    this.#compare(prefixes.master, entries);
    this.#compare(prefixes.mirror, entries);
    this.#compare(prefixes.mirror, mirror.site.state.entriesAfter('', ALL));
    this.#lookAtReserved(prefixes.master, 'incoming', /^part-[0-9a-f]{32}$/);
    this.#lookAtReserved(prefixes.mirror, 'incoming', /^$/);
    this.#lookAtVersions(prefixes.master, master.store);
    this.#lookAtVersions(prefixes.mirror, mirror.store);
    for (const prefix of Object.values(prefixes))
      this.#keptAtRest.set(prefix, [...this.#reserved(prefix, 'versions').keys()]);
  }

  #compare(prefix: string, entries: readonly Present[], going: ReadonlySet<SitePath> = new Set()): void {
    const tree = this.#tree(prefix);
    for (const entry of entries) {
      const standing = tree.get(entry.path);
      tree.delete(entry.path);
      if (!standing && going.has(entry.path)) continue;
      if (!standing) throw new Broken(`${prefix}: ${entry.path} is in the index and not in the tree`);
      if (entry.kind === 'dir' || standing.kind !== 'file') {
        if ((entry.kind === 'dir') === (standing.kind === 'folder')) continue;
        throw new Broken(`${prefix}: ${entry.path} is a ${standing.kind}`);
      }
      if (sha256(standing.content) !== entry.sha256)
        throw new Broken(`${prefix}: ${entry.path} does not hold what the index says`);
      if (standing.mtime !== entry.mtime)
        throw new Broken(`${prefix}: the time of ${entry.path} is ${standing.mtime - entry.mtime} ms off`);
    }
    const [more] = tree.keys();
    if (more !== undefined) throw new Broken(`${prefix}: ${more} is in the tree and not in the index`);
  }

  #lookAtReserved(prefix: string, folder: 'incoming' | 'staging', allowed: RegExp): void {
    for (const name of this.#reserved(prefix, folder).keys())
      if (!allowed.test(name)) throw new Broken(`${prefix}: ${name} is left in ${folder}`);
  }

  /** What is kept is what it is said to be. */
  #lookAtVersions(prefix: string, store: MasterMachine['store']): void {
    const kept = this.#reserved(prefix, 'versions');
    for (const [name, standing] of kept) {
      if (standing.kind !== 'file' || sha256(standing.content) !== name)
        throw new Broken(`${prefix}: the version ${name.slice(0, 12)} is not what it was`);
    }
    for (const row of store.all('SELECT sha256 FROM version')) {
      const name = String(row['sha256']);
      if (!kept.has(name)) throw new Broken(`${prefix}: the version ${name.slice(0, 12)} is noted and not kept`);
    }
  }

  #reserved(prefix: string, folder: string): Map<string, Standing> {
    const start = `${prefix}/site/${RESERVED_FOLDER}/${folder}/`;
    const found = [...this.#disk.visible(prefix)].filter(([path]) => path.startsWith(start));
    return new Map(found.map(([path, standing]) => [path.slice(start.length), standing]));
  }

  #tree(prefix: string): Map<string, Standing> {
    const start = `${prefix}/site/`;
    const found = [...this.#disk.visible(prefix)].filter(
      ([path]) => path.startsWith(start) && !path.startsWith(start + RESERVED_FOLDER),
    );
    return new Map(found.map(([path, standing]) => [path.slice(start.length), standing]));
  }
}

/** A promise that was not kept. */
export class Broken extends Error {
  override name = 'Broken';
}

function entriesOf(journal: Journal): Present[] {
  return journal.index.page('', ALL);
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
