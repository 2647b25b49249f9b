import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ask } from './ask.ts';
import { startPair } from './pair.ts';
import { cpuMillis, mainThreadMillis, memory } from './process-cost.ts';

const HELP = `A mirror comes back after many changes: how fast it takes in what it has missed (its hours are closed meanwhile, so that it
fetches nothing), how fast it then fetches the files, and what both ends need for it.

  npm run bench:catch-up [-- --changes 100000] [--bytes 512] [--tls]
`;

const { values } = parseArgs({
  options: {
    changes: { type: 'string', default: '100000' },
    bytes: { type: 'string', default: '512' },
    tls: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit();
}
const CHANGES = Number(values.changes);
const BYTES = Number(values.bytes);
const LOOK_MILLIS = 20;
const HOURS = 24;

const folder = await mkdtemp(join(await realpath(tmpdir()), 'lockstep-bench-'));
const pair = await startPair({ folder, transport: values.tls ? 'tls' : 'plain' });
const ends = [pair.master, pair.mirror];
try {
  const hour = new Date().getHours();
  const closed = `${(hour + HOURS / 2) % HOURS}-${(hour + HOURS / 2 + 1) % HOURS}`;
  await pair.mirror.lockstep('follow', 'set', '--hours', closed);
  await pair.mirror.stop();
  await makeFiles();
  await pair.master.lockstep('site', 'rescan', 'bench');
  const { headSeq } = await siteOf(0);
  await pair.mirror.run();
  console.log(
    JSON.stringify({ taken: await measure(async () => (await siteOf(1)).peers[0]?.receivedSeq ?? 0, headSeq) }),
  );
  await pair.mirror.lockstep('follow', 'set', '--hours', 'always');
  const waiting = async (): Promise<number> => CHANGES - ((await siteOf(1)).peers[0]?.waiting ?? CHANGES);
  console.log(JSON.stringify({ fetched: await measure(waiting, CHANGES) }));
} finally {
  await pair.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function siteOf(end: number) {
  const [site] = (await ask(ends[end]?.dataDir ?? '', 'node.status', {})).sites;
  if (!site) throw new Error('There is no site.');
  return site;
}

/** From the first look at which something is done to the one at which all is. */
async function measure(done: () => Promise<number>, all: number) {
  const pids = ends.map(({ pid = 0 }) => pid);
  const cpu = pids.map(cpuMillis);
  const main = pids.map(mainThreadMillis);
  let began: { at: number; count: number } | undefined;
  for (;;) {
    const at = performance.now();
    const count = await done();
    if (count > 0) began ??= { at, count };
    if (count >= all && began) {
      const seconds = (at - began.at) / 1000;
      return {
        perSecond: (count - began.count) / seconds,
        seconds,
        cpuMillisEach: pids.map((pid, end) => (cpuMillis(pid) - (cpu[end] ?? 0)) / (count - began!.count)),
        mainMillisEach: pids.map((pid, end) => (mainThreadMillis(pid) - (main[end] ?? 0)) / count),
        memoryMost: pids.map((pid) => memory(pid).most),
      };
    }
    await sleep(LOOK_MILLIS);
  }
}

async function makeFiles(): Promise<void> {
  for (let index = 0; index < CHANGES; index += 1) {
    const at = join(pair.masterRoot, `d${Math.floor(index / 100)}`);
    if (index % 100 === 0) await mkdir(at);
    await writeFile(join(at, `f${index % 100}.dat`), String(index).padStart(BYTES));
  }
}
