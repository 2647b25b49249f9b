import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../fuzz/random.ts';
import { breakThings, rest } from './faults.ts';
import { Gauge, hasGrownAtRest, mib, type Sample, sampleOf } from './gauge.ts';
import type { Tally } from './tally.ts';
import { Trial, type TrialOptions } from './trial.ts';

/**
 * The parts of a soak: in the first processes are ended; in the others none is. In the second each comes to what its busiest moment takes, of
 * which the allocator of the system keeps what it cannot give back; what it holds more after the third, it keeps for no use.
 */
const SHARES = { killing: 0.4, warming: 0.3, growing: 0.3 };
/** Until connections that are kept warm have gone. */
const REST_MILLIS = 10_000;
/** What a process may have open at rest beyond what it had at rest before the work: files, and connections. */
const FILES_MORE = 2;
/** Bytes that V8 counts, all garbage collected: what is remembered of names is bounded, and not always the same. */
const USED_MORE = 8 * 2 ** 20;
/** A mirror keeps up to six connections to its master warm, each with one for data, for as long as it runs. */
const POOL = 12;
/** Below it is a short run, in which nothing is said of growth. */
const LONG_MILLIS = 120_000;
const PAUSE_MILLIS = 60;

export interface SoakOptions extends TrialOptions {
  readonly millis: number;
  /** On average between two faults of a kind. */
  readonly betweenFaults: number;
}

export interface Verdict {
  /** None: all is well. */
  readonly faults: readonly string[];
  readonly operations: Tally;
  readonly broken: Tally;
  readonly lines: readonly string[];
}

/** Random load on real processes, with faults, for so long; then the oracle's verdict. */
export function soak(options: SoakOptions): Promise<Verdict> {
  const { millis, betweenFaults, say } = options;
  const isLong = millis >= LONG_MILLIS;
  return attempt(options, async (trial) => {
    const { world, random } = trial;
    const gauge = new Gauge(world.nodes);
    try {
      const part = async (kills: boolean, length: number): Promise<number[]> => {
        const stop = new AbortController();
        const work = trial.work(stop.signal, PAUSE_MILLIS);
        const faults = new Random(String(random.below(2 ** 31)));
        const how = { kills, pauseMillis: betweenFaults };
        const breaking = breakThings(world, faults, trial.broken, how, stop.signal).catch((error: unknown) =>
          trial.fault(String(error)),
        );
        const end = performance.now() + length;
        // A machine that is very slow may take longer until anything is done at all.
        while (performance.now() < end || trial.operations.of('put') === 0) {
          await sleep(Math.min(60_000, Math.max(1000, end - performance.now())));
          for (const news of trial.news()) say(`WRONG: ${news}`);
          say(`${trial.operations.text}; ${trial.broken.text}; wrong: ${trial.faults.length}`);
        }
        stop.abort();
        await Promise.all([work, breaking]);
        await trial.judge();
        if (!isLong) return [];
        await sleep(REST_MILLIS);
        // By itself V8 gives back what its busiest moment took only after some 100 s in which nothing happens.
        return Promise.all(world.nodes.map((node) => node.collectGarbage()));
      };
      await part(true, millis * SHARES.killing);
      const usedBefore = await part(false, millis * SHARES.warming);
      const before = world.nodes.map(sampleOf);
      const usedAfter = await part(false, millis * SHARES.growing);
      const lines = world.nodes.map((node, index) => {
        const [was, is] = [before[index], sampleOf(node)];
        if (was === undefined || is === undefined) throw new Error(`${node.name} does not run any more`);
        const files = (at: Sample): number => at.descriptors - at.sockets;
        const pools = POOL * (node === world.master ? world.mirrors.length : 1);
        if (isLong && files(is) > files(was) + FILES_MORE)
          trial.fault(`${node.name}: ${files(was)} files open at rest, and ${files(is)} after the work`);
        if (isLong && hasGrownAtRest(was.bytes, is.bytes))
          trial.fault(`${node.name}: ${mib(was.bytes)} of memory at rest, and ${mib(is.bytes)} after the work`);
        if (isLong && is.sockets > was.sockets + pools)
          trial.fault(`${node.name}: ${was.sockets} connections at rest, and ${is.sockets} after the work`);
        const [used = 0, uses = 0] = [usedBefore[index], usedAfter[index]];
        if (uses > used + USED_MORE)
          trial.fault(`${node.name}: ${mib(used)} in use at rest, and ${mib(uses)} after the work`);
        return (
          `${node.name} at rest, before and after: memory ${mib(was.bytes)}, ${mib(is.bytes)}; ` +
          `in use ${mib(used)}, ${mib(uses)}; files ${files(was)}, ${files(is)}; connections ${was.sockets}, ${is.sockets}`
        );
      });
      trial.fault(...gauge.faults);
      return [...lines, ...gauge.lines];
    } finally {
      gauge.stop();
    }
  });
}

/** So many rounds: work, kill -9 of one or all at a random moment, start, and the oracle's verdict each time. */
export function killRounds(options: TrialOptions & { readonly rounds: number }): Promise<Verdict> {
  return attempt(options, async (trial) => {
    const { world, random, broken } = trial;
    for (let round = 1; round <= options.rounds && trial.faults.length === 0; round += 1) {
      const stop = new AbortController();
      const work = trial.work(stop.signal, 5);
      await rest(100 + random.below(1500), stop.signal);
      const victims = random.chance(0.1)
        ? world.nodes
        : [random.chance(0.5) ? world.master : random.pick(world.mirrors)];
      await Promise.all(victims.map((node) => node.end('SIGKILL')));
      for (const { name } of victims) broken.add(`kill -9 of ${name}`);
      await Promise.all(victims.map((node) => node.start()));
      // It has begun anew under load.
      await rest(random.below(500), stop.signal);
      stop.abort();
      await work;
      await trial.judge();
      if (round % 10 === 0)
        options.say(`round ${round}: ${trial.operations.text}; ${broken.text}; wrong: ${trial.faults.length}`);
    }
    return [];
  });
}

async function attempt(options: TrialOptions, body: (trial: Trial) => Promise<string[]>): Promise<Verdict> {
  const trial = await Trial.begin(options);
  let lines: string[] = [];
  try {
    lines = await body(trial);
  } catch (error) {
    trial.fault(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  await trial.world.stop(trial.faults.length > 0);
  const { faults, operations, broken } = trial;
  return { faults, operations, broken, lines };
}
