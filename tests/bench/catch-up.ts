import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './ask.ts';
import { startPair } from './pair.ts';
import { cpuMillis, memory } from './process-cost.ts';
import { present } from './sheet/sheet.ts';
import { toolOptions } from '../support/tool-options.ts';

const HELP = `A mirror comes back after many changes: how fast it takes in what it has missed (its hours are closed meanwhile, so that it
fetches nothing), how fast it then fetches the files, and what both ends need for it.

  npm run bench:catch-up [-- --changes 100000] [--bytes 512] [--tls] [--docs]
`;

const { values } = toolOptions(HELP, {
  options: {
    changes: { type: 'string', default: '100000' },
    bytes: { type: 'string', default: '512' },
    tls: { type: 'boolean', default: false },
    docs: { type: 'boolean', default: false },
  },
});
const CHANGES = Number(values.changes);
const BYTES = Number(values.bytes);
/** Seldom enough that what is asked costs nothing that counts. */
const LOOK_MILLIS = 100;
const HOURS = 24;
/** What is to be reached, a second. */
const TARGET = { taken: 5000, fetched: 1500 };

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
  const received = async (): Promise<number> => (await siteOf(1)).peers[0]?.receivedSeq ?? 0;
  const taken = await measure(received, headSeq);
  const published = async (): Promise<number> => CHANGES - ((await siteOf(1)).peers[0]?.waiting ?? CHANGES);
  // Measured from before the command: what it begins may be over before it has ended.
  const fetching = measure(published, CHANGES);
  await pair.mirror.lockstep('follow', 'set', '--hours', 'always');
  const fetched = await fetching;
  const row = (name: string, { perSecond, seconds, cpu, most, answered }: Measured, target: number): string[] => [
    name,
    perSecond.toFixed(0),
    `≥ ${target}`,
    seconds.toFixed(1),
    ...cpu.map((millis) => millis.toFixed(2)),
    ...most.map((mebibytes) => mebibytes.toFixed(0)),
    answered.toFixed(0),
  ];
  const head = [
    '',
    'a second',
    'to be reached',
    'seconds',
    'CPU ms each: master',
    'mirror',
    'MiB, most: master',
    'mirror',
    'longest answer, ms',
  ];
  const rows = [
    head,
    row(`${CHANGES} changes taken in`, taken, TARGET.taken),
    row(`${CHANGES} files of ${BYTES} bytes fetched`, fetched, TARGET.fetched),
  ];
  const bars = [
    { label: 'changes taken in', value: taken.perSecond, target: TARGET.taken },
    { label: 'files fetched', value: fetched.perSecond, target: TARGET.fetched },
  ];
  const chart = { title: `Catching up ${CHANGES.toLocaleString('en-US')} changes`, axis: 'a second', bars };
  await present({ name: 'catch-up', command: 'npm run bench:catch-up', rows, charts: [chart] }, values.docs);
} finally {
  await pair.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function siteOf(end: number) {
  const [site] = (await ask(ends[end]?.dataDir ?? '', 'node.status', {})).sites;
  if (!site) throw new Error('There is no site.');
  return site;
}

interface Measured {
  readonly perSecond: number;
  readonly seconds: number;
  /** Of master and mirror, in milliseconds, for each. */
  readonly cpu: readonly number[];
  /** The most memory that each had, in MiB. */
  readonly most: readonly number[];
  /** The longest that the mirror took to answer a question, in milliseconds. */
  readonly answered: number;
}

/** From the first look at which something is done to the one at which all is. */
async function measure(done: () => Promise<number>, all: number): Promise<Measured> {
  const pids = ends.map(({ pid = 0 }) => pid);
  const cpu = pids.map(cpuMillis);
  let began: { at: number; count: number } | undefined;
  let answered = 0;
  for (;;) {
    const at = performance.now();
    const count = await done();
    answered = Math.max(answered, performance.now() - at);
    if (count > 0) began ??= { at, count };
    if (count >= all && began) {
      const { count: first } = began;
      const seconds = (at - began.at) / 1000;
      return {
        perSecond: (count - first) / seconds,
        seconds,
        cpu: pids.map((pid, end) => (cpuMillis(pid) - (cpu[end] ?? 0)) / (count - first)),
        most: pids.map((pid) => memory(pid).most),
        answered,
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
