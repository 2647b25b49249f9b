import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Refusal, Refused } from '../disk/volume.ts';
import { pathsBelow } from '../oracle/tree.ts';
import type { SeededRandom } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Install } from './install.ts';

const denied = (...of: Refused[]): Refusal => ({ code: 'EACCES', of: new Set(of) });
const failing = (...of: Refused[]): Refusal => ({ code: 'EIO', of: new Set(of) });

/** Rights that are somebody else's, names or paths of a folder alone, and a disk that fails: see `Refused`. */
const OF_FOLDERS = [
  denied('open', 'enter', 'change'),
  denied('enter', 'change'),
  denied('open'),
  failing('read'),
  failing('look'),
];
const OF_FILES = [denied('open'), failing('read'), failing('look')];

/** Files and folders of a site that Lockstep may not, or cannot, read for a while. */
export class Unreadable {
  readonly #random: SeededRandom;
  readonly #scheduler: Scheduler;
  readonly #refused = new Set<() => void>();
  made = 0;

  constructor(scheduler: Scheduler, random: SeededRandom) {
    this.#scheduler = scheduler;
    this.#random = random;
  }

  refuse(install: Install): void {
    const random = this.#random;
    const paths = pathsBelow(install.root);
    const isFolder = (path: string): boolean => statSync(join(install.root, path)).isDirectory();
    const top = random.chance(0.04) || paths.length === 0 ? '' : random.pick(paths);
    const refusal = random.pick(isFolder(top) ? OF_FOLDERS : OF_FILES);
    // As `chmod -R` does, or a bad region of a disk, now and then.
    const files = paths.filter((path) => !isFolder(path) && random.chance(0.5));
    const also = random.chance(0.15) ? files : [];
    this.made += 1;
    const what = `${refusal.code} to ${[...refusal.of].join(' and ')}`;
    this.#scheduler.note(`${install.name} has ${what} ${top || 'its root'}, and ${also.length} more`);
    const ends = [[top, refusal] as const, ...also.map((path) => [path, random.pick(OF_FILES)] as const)].map(
      ([path, how]) => install.refuse(path, how),
    );
    const end = (): void => {
      if (!this.#refused.delete(end)) return;
      this.#scheduler.note(`${install.name} can read ${top || 'its root'} again`);
      for (const each of ends) each();
    };
    this.#refused.add(end);
    this.#scheduler.after(random.between(20, random.pick([500, 5_000, 20_000])), 'readable again', end, null);
  }

  /** All can be read. */
  stop(): void {
    for (const end of [...this.#refused]) end();
  }
}
