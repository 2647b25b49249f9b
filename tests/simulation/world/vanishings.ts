import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathsBelow } from '../oracle/tree.ts';
import type { SeededRandom } from '../random.ts';
import type { Plan } from './plan.ts';
import type { World } from './world.ts';

const SITE = 'www';

/**
 * Most of the master's files are not there, as with a disk that is not mounted, and its tree is read. Later they are there again, or a
 * person says that they are gone.
 */
export class Vanishings {
  readonly #world: World;
  readonly #random: SeededRandom;
  /** Asks something of the master, which may be refused, or never answered. */
  readonly #ask: (work: () => Promise<unknown>) => void;
  /** Whoever has the tree read says at once that what is missing may go. */
  readonly #isAgreed: boolean;
  #stopped = false;
  made = 0;

  constructor(world: World, plan: Plan, random: SeededRandom, ask: (work: () => Promise<unknown>) => void) {
    this.#world = world;
    this.#random = random;
    this.#ask = ask;
    this.#isAgreed = plan.troubles.vanish === undefined;
  }

  /** What has vanished does not come back by itself. */
  stop(): void {
    this.#stopped = true;
  }

  /** The master reads its tree. */
  async scan(how: 'agreed' | 'unasked' = this.#isAgreed ? 'agreed' : 'unasked'): Promise<void> {
    const { master, oracle } = this.#world;
    const allowDeletes = how === 'agreed';
    const end = allowDeletes ? oracle.guard.agreed(master.process) : () => undefined;
    try {
      await master.call('site.rescan', { name: SITE, allowDeletes });
    } finally {
      end();
    }
  }

  vanish(): void {
    const { masterRoot, scheduler, master, oracle } = this.#world;
    const random = this.#random;
    const aside = join(master.machine, `vanished-${(this.made += 1)}`);
    const files = pathsBelow(masterRoot).filter((path) => statSync(join(masterRoot, path)).isFile());
    const vanished = files.filter(() => random.chance(0.85)).map((path, at) => [path, join(aside, `${at}`)] as const);
    scheduler.note(`${vanished.length} of ${files.length} files of the master are not there`);
    oracle.edited();
    mkdirSync(aside);
    for (const [path, to] of vanished) renameSync(join(masterRoot, path), to);
    const look = (): void => this.#ask(() => this.scan('unasked'));
    scheduler.after(random.between(0, 3_000), 'scan', look, null);
    const see = (): void => {
      if (this.#stopped) return;
      if (random.chance(0.5)) return this.#ask(() => this.scan('agreed'));
      scheduler.note('the files of the master are there again');
      for (const [path, from] of vanished) {
        const to = join(masterRoot, path);
        const folder = statSync(dirname(to), { throwIfNoEntry: false });
        // Somebody may have published something in its place, or in that of the folder, or removed it; and power may have been lost.
        if (!existsSync(to) && folder?.isDirectory() && existsSync(from)) renameSync(from, to);
      }
      look();
    };
    scheduler.after(random.between(3_000, 15_000), 'a person sees to it', see, null);
  }
}
