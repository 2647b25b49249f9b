import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Install } from '../../electron/entry/demo/install.ts';
import { ask } from './ask.ts';
import { startPair } from './pair.ts';
import { cpuMillis, memory } from './process-cost.ts';

const HELP = `What a master and its mirror cost while nothing happens, and how soon they are there again after a restart, with a tree of a
given size that both ends have.

  npm run bench:rest [-- --files 300000] [--seconds 180] [--starts 5] [--tls]
`;

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '300000' },
    seconds: { type: 'string', default: '180' },
    starts: { type: 'string', default: '5' },
    tls: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit();
}
const SETTLED_MILLIS = 30_000;
const LOOK_MILLIS = 20;

const folder = await mkdtemp(join(await realpath(tmpdir()), 'lockstep-bench-'));
const pair = await startPair({
  folder,
  transport: values.tls ? 'tls' : 'plain',
  files: Number(values.files),
  wayMillis: 0,
});
const ends = [pair.master, pair.mirror];
try {
  for (let start = 0; start < Number(values.starts); start += 1) {
    await Promise.all(ends.map((install) => install.stop()));
    const began = performance.now();
    const [[master = 0, mirror = 0], all] = await startBoth(began);
    console.log(
      JSON.stringify({
        start,
        master: master.toFixed(0),
        mirror: mirror.toFixed(0),
        inStep: all.toFixed(0),
        memory: ends.map(({ pid = 0 }) => memory(pid)),
        cpu: ends.map(({ pid = 0 }) => cpuMillis(pid)),
      }),
    );
  }
  await sleep(SETTLED_MILLIS);
  const before = { cpu: ends.map(({ pid = 0 }) => cpuMillis(pid)), bytes: pair.way?.bytes() ?? 0 };
  await sleep(Number(values.seconds) * 1000);
  const minutes = Number(values.seconds) / 60;
  console.log(
    JSON.stringify({
      idleCpuMillisPerMinute: ends.map(({ pid = 0 }, at) => (cpuMillis(pid) - (before.cpu[at] ?? 0)) / minutes),
      bytesPerMinute: ((pair.way?.bytes() ?? 0) - before.bytes) / minutes,
      memory: ends.map(({ pid = 0 }) => memory(pid)),
    }),
  );
} finally {
  await pair.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** When each was ready, and when both were in step, in milliseconds. */
async function startBoth(began: number): Promise<[number[], number]> {
  const ready: number[] = [];
  const both = ends.map(async (install, at) => {
    await install.run();
    ready[at] = performance.now() - began;
    await inStepAt(install);
  });
  await Promise.all(both);
  return [ready, performance.now() - began];
}

/** Asked over the console, as the command line does. */
async function inStepAt({ dataDir }: Install): Promise<void> {
  for (;;) {
    const { sites } = await ask(dataDir, 'node.status', {});
    if (sites.every(({ peers }) => peers.length > 0 && peers.every((peer) => peer.connected && peer.inStep))) return;
    await sleep(LOOK_MILLIS);
  }
}
