import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WebSocket } from 'ws';
import { readRunFile } from '../../electron/engine/console/run-file.ts';
import type { Random } from '../fuzz/random.ts';
import { hashOf, isWhole, makeContent } from './content.ts';
import { rest } from './faults.ts';
import { ABSENT, type Model } from './model.ts';
import type { Tally } from './tally.ts';
import type { World } from './world.ts';

const EDIT_BYTES = 30_000;
const STREAM_MILLIS = 3000;

/** Somebody who works on the master's folder itself, as a CMS does: the watch has to see it. */
export async function editByHand(
  world: World,
  model: Model,
  random: Random,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const outside = join(dirname(world.master.root), 'edited');
  for (let version = 1; !signal.aborted; version += 1) {
    await rest(random.below(1500), signal);
    const path = `cms/${random.pick(['a', 'b', 'deep/c', 'deep/d', 'e'])}.html`;
    const target = join(world.master.root, path);
    try {
      if (random.chance(0.2)) {
        await rm(target, { force: true });
        model.begin('edit', new Map([[path, ABSENT]])).done();
      } else {
        const content = makeContent(`cms-${version}`, random.below(EDIT_BYTES));
        await writeFile(outside, content);
        await mkdir(dirname(target), { recursive: true });
        await rename(outside, target);
        model.begin('edit', new Map([[path, hashOf(content)]])).done();
      }
      tally.add('edit by hand');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      tally.add('refused');
    }
  }
}

/** Readers of all ends: whatever a file holds when it is opened is one version, whole. */
export async function read(
  world: World,
  model: Model,
  random: Random,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await rest(5, signal);
    const paths = model.files();
    if (paths.length === 0) continue;
    const node = random.pick(world.nodes);
    const path = random.pick(paths);
    const content = await readFile(join(node.root, path)).catch(() => undefined);
    if (content === undefined) continue;
    tally.add('samples');
    if (!isWhole(content)) model.faults.add(`${node.name}: ${path} was seen half written (${content.length} bytes)`);
  }
}

/** Programs and browsers that look at an install, and go away without a word. */
export async function lookIn(world: World, random: Random, tally: Tally, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await rest(random.below(2 * STREAM_MILLIS), signal);
    const node = random.pick(world.nodes);
    if (!node.isUp || signal.aborted) continue;
    tally.add('visits');
    if (random.chance(0.3)) {
      await node.try(['status', '--json']);
      continue;
    }
    const run = await readRunFile(node.dataDir);
    if (run === undefined) continue;
    const origin = `https://127.0.0.1:${run.port}`;
    const socket = new WebSocket(
      `wss://127.0.0.1:${run.port}/api/events`,
      ['lockstep.events', `lockstep.token.${run.token}`],
      { rejectUnauthorized: false, origin },
    );
    socket.on('error', () => undefined);
    await rest(random.below(STREAM_MILLIS), signal);
    socket.terminate();
  }
}
