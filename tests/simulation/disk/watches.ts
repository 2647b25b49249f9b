import { EventEmitter } from 'node:events';
import { type Generation, currentGeneration } from '../generation.ts';
import type { FolderInode, Inode } from './inode.ts';

/** What `fs.watch` says of a name: another thing has it now, or nothing (`rename`), or what has it was written to (`change`). */
type Event = readonly ['rename' | 'change', string];

/** In the place of an `FSWatcher` of one folder, as Linux has them: it stays with the folder, whatever that is called later. */
class FolderWatch extends EventEmitter {
  readonly folder: FolderInode;
  /** By which it was watched. */
  readonly name: string;
  readonly #generation: Generation | undefined = currentGeneration();
  readonly #later: (run: () => void) => void;
  readonly #events: Event[] = [];
  readonly #closed: (watch: FolderWatch) => void;

  constructor(
    [folder, name]: readonly [FolderInode, string],
    later: (run: () => void) => void,
    closed: (watch: FolderWatch) => void,
  ) {
    super();
    this.folder = folder;
    this.name = name;
    this.#later = later;
    this.#closed = closed;
  }

  get isOver(): boolean {
    return this.#generation?.ended === true;
  }

  close(): void {
    this.#closed(this);
    this.#events.length = 0;
  }

  /** It is told a moment later, in the order in which it happened. */
  happened(...event: Event): void {
    this.#events.push(event);
    if (this.#events.length > 1) return;
    this.#later(() => {
      const tell = (): void => this.#events.splice(0).forEach(([kind, name]) => this.emit('change', kind, name));
      if (this.isOver) return;
      if (this.#generation) this.#generation.run(tell);
      else tell();
    });
  }
}

/** Those who watch folders of the simulated disks. */
export class Watches {
  readonly #watches = new Set<FolderWatch>();
  readonly #teller: () => (run: () => void) => void;

  /** `teller`: how whoever watches from now on is told, a moment later. */
  constructor(teller: () => (run: () => void) => void) {
    this.#teller = teller;
  }

  add(folder: FolderInode, name: string): EventEmitter & { close(): void } {
    const watch = new FolderWatch([folder, name], this.#teller(), (closed) => this.#watches.delete(closed));
    this.#watches.add(watch);
    return watch;
  }

  /** A name in the folder is somebody else's, or nobody's. */
  named(folder: FolderInode, name: string): void {
    for (const watch of this.#live()) if (watch.folder === folder) watch.happened('rename', name);
  }

  /** Content or times are others. */
  changed(inode: Inode): void {
    for (const watch of this.#live())
      for (const entry of watch.folder.entries.values())
        if (entry.inode === inode) watch.happened('change', entry.name);
  }

  /** Rights are others. Of a folder that is told as if another one had its name, and to itself as of something in it (libuv). */
  altered(inode: Inode): void {
    const kind = inode.kind === 'folder' ? 'rename' : 'change';
    for (const watch of this.#live()) {
      if (watch.folder === inode) watch.happened(kind, watch.name);
      for (const entry of watch.folder.entries.values()) if (entry.inode === inode) watch.happened(kind, entry.name);
    }
  }

  #live(): FolderWatch[] {
    for (const watch of this.#watches) if (watch.isOver) this.#watches.delete(watch);
    return [...this.#watches];
  }
}
