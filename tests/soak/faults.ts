import { spawnSync } from 'node:child_process';
import { rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../fuzz/random.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import type { Node } from './node.ts';
import type { Tally } from './tally.ts';
import type { World } from './world.ts';

/** What is left of a disk that is full. */
const LEFT_BYTES = 64 * 1024;

export interface FaultOptions {
  /** Processes may be ended; else they are only frozen. */
  readonly kills: boolean;
  /** On average between two faults of a kind. */
  readonly pauseMillis: number;
}

/** Breaks things at random until told to stop; then all is as it should be again. */
export async function breakThings(
  world: World,
  random: Random,
  tally: Tally,
  { kills, pauseMillis }: FaultOptions,
  signal: AbortSignal,
): Promise<void> {
  // Each kind has numbers of its own, so that a seed gives the same order of them however fast the machine is.
  const again = async (slower: number, act: (own: Random) => Promise<void>): Promise<void> => {
    const own = new Random(String(random.below(2 ** 31)));
    while (!signal.aborted) {
      await rest(own.below(2 * pauseMillis * slower), signal);
      if (!signal.aborted) await act(own);
    }
  };
  const { link, clients } = world.proxies;
  await Promise.all([
    again(1, (own) => hitProcess(own.pick(world.nodes), own, tally, kills, signal)),
    again(1, (own) => hitLink(own.pick([link, clients]), own, tally, signal)),
    ...(world.disks.length === 0 ? [] : [again(5, (own) => fill(own.pick(world.disks), own, tally, signal))]),
  ]);
}

async function hitProcess(
  node: Node,
  random: Random,
  tally: Tally,
  kills: boolean,
  signal: AbortSignal,
): Promise<void> {
  if (kills && random.chance(0.7)) {
    const gentle = random.chance(0.15);
    await node.end(gentle ? 'SIGTERM' : 'SIGKILL');
    tally.add(gentle ? 'restart' : `kill -9 of ${node.name}`);
    await rest(random.below(2000), signal);
    await node.start();
    return;
  }
  node.freeze();
  tally.add('frozen');
  await rest(random.below(8000), signal);
  node.thaw();
}

async function hitLink(proxy: FaultProxy, random: Random, tally: Tally, signal: AbortSignal): Promise<void> {
  const millis = random.below(6000);
  switch (random.below(5)) {
    case 0:
      tally.add('link cut');
      return proxy.cut();
    case 1:
      tally.add('link silent');
      proxy.stall();
      await rest(millis, signal);
      return proxy.resume();
    case 2:
      tally.add('link refused');
      proxy.refuse(true);
      proxy.cut();
      await rest(millis, signal);
      return proxy.refuse(false);
    case 3:
      tally.add('link slow');
      proxy.delay(20 + random.below(300));
      await rest(millis, signal);
      return proxy.delay(0);
    default:
      tally.add('link narrow');
      proxy.throttle(2000 + random.below(50_000));
      await rest(millis, signal);
      return proxy.throttle(Number.POSITIVE_INFINITY);
  }
}

async function fill(disk: string, random: Random, tally: Tally, signal: AbortSignal): Promise<void> {
  const ballast = join(disk, 'ballast');
  const { bavail, bsize } = statfsSync(disk);
  spawnSync('fallocate', ['-l', String(Math.max(bsize, bavail * bsize - LEFT_BYTES)), ballast]);
  tally.add('disk full');
  await rest(500 + random.below(5000), signal);
  rmSync(ballast, { force: true });
}

/** Pauses; a stop ends it early. */
export async function rest(millis: number, signal: AbortSignal): Promise<void> {
  await sleep(millis, undefined, { signal }).catch(() => undefined);
}
