import { once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { put } from '../../electron/entry/demo/publisher.ts';
import { startFleet } from './fleet.ts';
import { seenAt } from './seen-at.ts';
import type { Seen } from './set-sampler.ts';
import { toolOptions } from '../support/tool-options.ts';

const HELP = `An index and 20 files it is made of, replaced through SITE RELEASE, the index uploaded first. A visitor reads them at the
mirror all the time. broken: the index is new, and a file of it is not. mix: a file is new, the index is not.

  node tests/bench/release-set.ts [--trials 50]
`;

const { values } = toolOptions(HELP, {
  options: { trials: { type: 'string', default: '50' } },
});
const ASSETS = Array.from({ length: 20 }, (_, at) => `asset-${at}.css`);
const INDEX = 'index.html';
const STAMP = 16;
/** So long it is looked at after the last file was seen. */
const AFTER_MILLIS = 50;

const stampOf = (generation: number): string => String(generation).padStart(STAMP, '0');
const contentOf = (generation: number): Buffer =>
  Buffer.from(stampOf(generation).padEnd(4080 + STAMP * generation, '.'));

const folder = await mkdtemp(join(await realpath(tmpdir()), 'lockstep-bench-'));
const fleet = await startFleet(folder, ['near']);
try {
  const [root = ''] = fleet.roots;
  await publish(root, 0);
  const trials: Seen[] = [];
  for (let generation = 1; generation <= Number(values.trials); generation += 1) {
    const stop = new SharedArrayBuffer(4);
    const task = { folder: root, index: INDEX, assets: ASSETS, fresh: stampOf(generation), stop };
    const sampler = new Worker(new URL('./set-sampler.ts', import.meta.url), { workerData: task });
    await once(sampler, 'online');
    const answer: Promise<unknown[]> = once(sampler, 'message');
    await publish(root, generation);
    await sleep(AFTER_MILLIS);
    Atomics.store(new Int32Array(stop), 0, 1);
    Atomics.notify(new Int32Array(stop), 0);
    const [seen] = await answer;
    trials.push(seen as Seen); // What the sampler posts.
  }
  const of = (state: keyof Seen): number[] => trials.map((seen) => seen[state] ?? 0).toSorted((a, b) => a - b);
  const line = (state: keyof Seen): string => {
    const times = of(state);
    const [median = 0, most = 0] = [times[Math.floor(times.length / 2)], times.at(-1)];
    const count = times.filter((time) => time > 0).length;
    return `${state.padEnd(6)} in ${count} of ${trials.length} trials, median ${median.toFixed(2)} ms, longest ${most.toFixed(2)} ms`;
  };
  process.stdout.write(`${line('broken')}\n${line('mix')}\n`);
} finally {
  await fleet.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Resolves once all of it is seen at the mirror. */
async function publish(root: string, generation: number): Promise<void> {
  const content = contentOf(generation);
  const names = [INDEX, ...ASSETS];
  await fleet.client.send(`SITE RELEASE BEGIN ${generation}`);
  for (const name of names) await put(fleet.client, name, content);
  const seen = names.map((name) => seenAt(join(root, name), content));
  await fleet.client.send('SITE RELEASE COMMIT');
  await Promise.all(seen);
}
