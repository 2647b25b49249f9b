import { Random } from '../fuzz/random.ts';
import { editByHand, lookIn, read } from './crowd.ts';
import { Model } from './model.ts';
import { judge } from './oracle.ts';
import { Publisher } from './publisher.ts';
import { Tally } from './tally.ts';
import { PASSWORD, startWorld, type World } from './world.ts';

const PUBLISHERS = 4;

export interface TrialOptions {
  /** What is left of it is told where something was wrong. */
  readonly folder: string;
  readonly seed: string;
  readonly say: (line: string) => void;
}

/** A world with its load, what the oracle knows of it, and what was found to be wrong. */
export class Trial {
  readonly world: World;
  readonly random: Random;
  readonly operations = new Tally();
  readonly broken = new Tally();
  readonly #model = new Model();
  readonly #faults: string[] = [];
  #told = 0;

  private constructor(world: World, random: Random) {
    this.world = world;
    this.random = random;
  }

  static async begin({ folder, seed }: TrialOptions): Promise<Trial> {
    return new Trial(await startWorld(folder, PUBLISHERS), new Random(seed));
  }

  get faults(): readonly string[] {
    return [...new Set([...this.#faults, ...this.#model.faults])];
  }

  /** What was found since it was last asked for. */
  news(): readonly string[] {
    const news = this.faults.slice(this.#told);
    this.#told += news.length;
    return news;
  }

  fault(...lines: string[]): void {
    this.#faults.push(...lines);
  }

  /** Everybody works until told to stop. */
  async work(signal: AbortSignal, pauseMillis: number): Promise<void> {
    const { world, random, operations } = this;
    const model = this.#model;
    const own = (): Random => new Random(String(random.below(2 ** 31)));
    const publishers = Array.from({ length: PUBLISHERS }, (_, index) => {
      const login = { port: world.ftpPort, user: `p${index}`, password: PASSWORD };
      return new Publisher(login, `p${index}`, model, own(), operations, takeBack(world)).run(signal, pauseMillis);
    });
    const all = [
      ...publishers,
      editByHand(world, model, own(), operations, signal),
      read(world, model, own(), operations, signal),
      lookIn(world, own(), operations, signal),
    ];
    await Promise.all(all.map((each) => each.catch((error: unknown) => this.fault(String(error)))));
  }

  /** All is quiet: what is not as it must be. */
  async judge(): Promise<void> {
    this.fault(...(await judge(this.world, this.#model)));
  }
}

/** By the command line, as a person would. */
function takeBack({ master }: World): (release: number) => Promise<boolean> {
  return async (release) => {
    const { code, err } = await master.try(['release', 'rollback', String(release), '--site', 'www']);
    if (code === 0) return true;
    if (/\((release|file)\.[a-z-]+\)/u.test(err)) return false;
    throw new Error(err);
  };
}
