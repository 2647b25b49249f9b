import { AppError } from '../../../shared/errors/app-error.ts';
import type { SeededRandom } from '../random.ts';
import type { Install } from './install.ts';
import type { MirrorPlan } from './plan.ts';
import type { World } from './world.ts';

const SITE = 'www';
const LONGEST_LOOK_MILLIS = 3_000;

/**
 * Mirrors that leave the master, or are removed there, and are paired again: at once, while the farewell is on its way, or later. Somebody
 * looks after each until it is paired as it was.
 */
export class Comings {
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #away = new Set<Install>();
  made = 0;

  constructor(world: World, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
  }

  /** All are paired. */
  get isOver(): boolean {
    return this.#away.size === 0;
  }

  /** Either end ends it. */
  leave(mirror: Install): void {
    const { scheduler, master, oracle } = this.#world;
    if (this.#away.has(mirror) || !mirror.isUp || !master.isUp) return;
    this.made += 1;
    this.#away.add(mirror);
    oracle.putBack(mirror.name);
    const byMaster = this.#random.chance(0.4);
    scheduler.note(byMaster ? `${mirror.name} is removed at the master` : `${mirror.name} leaves`);
    this.#try(
      () =>
        byMaster ? master.call('peer.remove', { peer: mirror.name }) : mirror.call('follow.remove', { site: SITE }),
      () => undefined,
    );
    this.#lookLater(mirror, this.#random.chance(0.5) ? this.#random.between(0, 100) : this.#random.between(0, 10_000));
  }

  #lookLater(mirror: Install, millis = this.#random.between(200, LONGEST_LOOK_MILLIS)): void {
    this.#world.scheduler.after(millis, 'somebody pairs', () => this.#look(mirror), null);
  }

  /** What is asked may never be answered: so it is looked again in any case. */
  #look(mirror: Install): void {
    const { master, oracle } = this.#world;
    if (!this.#away.has(mirror)) return;
    this.#lookLater(mirror);
    if (!mirror.isUp || !master.isUp) return;
    this.#try(
      async () => {
        const { code } = await master.call('pairing.invite', { site: SITE, expiresSeconds: 600 });
        // What a removed mirror still follows it is told to forget first.
        const follows = await mirror.call('follow.list', {});
        if (follows.some(({ site }) => site === SITE)) await mirror.call('follow.remove', { site: SITE });
        oracle.putBack(mirror.name);
        await mirror.call('pairing.join', { code, root: mirror.root });
        await mirror.call('follow.set', { site: SITE, ...followOf(this.#planOf(mirror)) });
      },
      () => {
        this.#world.scheduler.note(`${mirror.name} is paired again`);
        this.#away.delete(mirror);
      },
    );
  }

  #planOf({ name }: Install): MirrorPlan {
    const found = this.#world.plan.mirrors.find((mirror) => mirror.name === name);
    if (!found) throw new TypeError(`no plan for ${name}`);
    return found;
  }

  #try(work: () => Promise<unknown>, done: () => void): void {
    const { scheduler } = this.#world;
    work().then(done, (error: unknown) => {
      if (!(error instanceof AppError)) return scheduler.fail(error);
      scheduler.note(`refused: ${error.code} ${JSON.stringify(error.params)}`);
    });
  }
}

/** How a mirror is set after it was paired. */
export function followOf({ excludes, connections, deleteGuard }: MirrorPlan) {
  const exclude = excludes.map((folder) => `${folder}/**`);
  return { exclude, connections, deleteGuard, drift: 'restore' as const };
}
