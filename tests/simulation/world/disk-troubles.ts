import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pathsBelow } from '../oracle/tree.ts';
import { SeededRandom } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Install } from './install.ts';
import type { Plan, Trouble } from './plan.ts';

type DiskTrouble = Extract<Trouble, 'diskFull' | 'flushFails' | 'sealed' | 'noDescriptors' | 'noRoom'>;

const NOTHING_ELSE = { databases: false, removals: false };

/** What a disk does not take for a while, and what a process may not have open. */
export class DiskTroubles {
  readonly #scheduler: Scheduler;
  readonly #plan: Plan;
  readonly #random: SeededRandom;
  readonly #late: SeededRandom;
  readonly counts = { fullDisks: 0, failingDisks: 0, sealed: 0, noDescriptors: 0, noRoom: 0 };

  constructor(scheduler: Scheduler, plan: Plan, random: SeededRandom) {
    this.#scheduler = scheduler;
    this.#plan = plan;
    this.#random = random;
    this.#late = new SeededRandom(`disks that place late ${plan.seed}`);
  }

  make(trouble: DiskTrouble, install: Install): void {
    const scheduler = this.#scheduler;
    const random = this.#random;
    switch (trouble) {
      case 'diskFull':
        this.counts.fullDisks += 1;
        scheduler.note(`the disk of ${install.name} is full`);
        install.fillDisk({ databases: this.#plan.databasesFull });
        scheduler.after(random.between(100, 15_000), 'room again', () => install.emptyDisk(), null);
        return;
      case 'flushFails': {
        this.counts.failingDisks += 1;
        scheduler.note(`flushes of ${install.name} fail`);
        const code = this.#plan.placesLate ? this.#late.pick(['EIO', 'ENOSPC', 'EDQUOT'] as const) : 'EIO';
        install.failFlushes(random.pick([0.05, 0.3, 1]), code);
        const well = (): void => {
          scheduler.note(`flushes of ${install.name} do not fail any more`);
          install.failFlushes(0);
        };
        scheduler.after(random.between(50, 6_000), 'flushes again', well, null);
        return;
      }
      case 'noDescriptors': {
        this.counts.noDescriptors += 1;
        scheduler.note(`too many files are open at ${install.name}`);
        install.lackDescriptors(random.pick([0.05, 0.3, 1]));
        const free = (): void => {
          scheduler.note(`files can be opened at ${install.name} again`);
          install.lackDescriptors(0);
        };
        scheduler.after(random.between(20, 6_000), 'descriptors again', free, null);
        return;
      }
      case 'noRoom': {
        this.counts.noRoom += 1;
        scheduler.note(`there is no room for Lockstep at ${install.name}`);
        install.lackRoom(random.pick([0.05, 0.3, 1]), {
          databases: this.#plan.databasesFull,
          removals: this.#plan.placesLate && this.#late.chance(0.5),
        });
        const free = (): void => {
          scheduler.note(`there is room at ${install.name} again`);
          install.lackRoom(0, NOTHING_ELSE);
        };
        scheduler.after(random.between(20, 10_000), 'room again', free, null);
        return;
      }
      case 'sealed':
        return this.#seal(install);
    }
  }

  end(install: Install): void {
    install.emptyDisk();
    install.lackRoom(0, NOTHING_ELSE);
    install.failFlushes(0);
    install.seal(undefined);
    install.lackDescriptors(0);
  }

  /** A folder gets into hands in which Lockstep may not change it, for a while. */
  #seal(install: Install): void {
    const scheduler = this.#scheduler;
    const folders = pathsBelow(install.root).filter((path) => statSync(join(install.root, path)).isDirectory());
    const folder = join(install.root, this.#random.pick(['', ...folders]));
    this.counts.sealed += 1;
    scheduler.note(`${install.name} may not change ${folder}`);
    install.seal(folder);
    const openAgain = (): void => {
      scheduler.note(`${install.name} may change all folders again`);
      install.seal(undefined);
    };
    scheduler.after(this.#random.between(50, 20_000), 'open again', openAgain, null);
  }
}
