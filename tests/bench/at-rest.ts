import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Install } from '../../electron/entry/demo/install.ts';
import { ask } from './ask.ts';
import { startPair } from './pair.ts';
import { cpuMillis, memory } from './process-cost.ts';
import { present } from './sheet/sheet.ts';
import { share } from './sheet/spread.ts';
import { toolOptions } from '../support/tool-options.ts';

const HELP = `What a master and its mirror cost while nothing happens, and how soon they are there again after a restart, with a tree of a
given size that both ends have.

  npm run bench:rest [-- --files 300000] [--seconds 180] [--starts 5] [--tls] [--watch] [--docs]
`;

const { values } = toolOptions(HELP, {
  options: {
    files: { type: 'string', default: '300000' },
    seconds: { type: 'string', default: '180' },
    starts: { type: 'string', default: '5' },
    tls: { type: 'boolean', default: false },
    watch: { type: 'boolean', default: false },
    docs: { type: 'boolean', default: false },
  },
});
/** V8 tidies up twice after a start, some 100 and 210 s after it, and not again while nothing happens. */
const SETTLED_MILLIS = 240_000;
const LOOK_MILLIS = 20;
/** What is to be reached. */
const TARGET = { cpu: 20, mebibytes: 120, ready: 2000, inStep: 3000 };

const folder = await mkdtemp(join(await realpath(tmpdir()), 'lockstep-bench-'));
const pair = await startPair({
  folder,
  transport: values.tls ? 'tls' : 'plain',
  files: Number(values.files),
  wayMillis: 0,
  watch: values.watch,
});
const ends = [pair.master, pair.mirror];
try {
  const starts: Start[] = [];
  for (let start = 0; start < Number(values.starts); start += 1) {
    await Promise.all(ends.map((install) => install.stop()));
    starts.push(await startBoth());
  }
  await sleep(SETTLED_MILLIS);
  const idle = await measureIdle();
  await show(starts, idle);
} finally {
  await pair.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

interface Start {
  /** Of each end: from its start to its line that it is ready, in milliseconds, and the CPU it has used when both are in step. */
  readonly ready: readonly number[];
  readonly cpu: readonly number[];
  /** From the start of both until each says that all is in step. */
  readonly inStep: number;
}

async function startBoth(): Promise<Start> {
  const began = performance.now();
  const ready: number[] = [];
  const both = ends.map(async (install, at) => {
    await install.run();
    ready[at] = performance.now() - began;
    await inStepAt(install);
  });
  await Promise.all(both);
  return { ready, inStep: performance.now() - began, cpu: pids().map(cpuMillis) };
}

interface Idle {
  /** Milliseconds a minute. */
  readonly cpu: readonly number[];
  /** Of link and FTP, both ways, with TLS: a minute. */
  readonly bytes: number;
  readonly mebibytes: readonly number[];
}

async function measureIdle(): Promise<Idle> {
  const before = { cpu: pids().map(cpuMillis), bytes: pair.way?.bytes() ?? 0 };
  await sleep(Number(values.seconds) * 1000);
  const minutes = Number(values.seconds) / 60;
  return {
    cpu: pids().map((pid, at) => (cpuMillis(pid) - (before.cpu[at] ?? 0)) / minutes),
    bytes: ((pair.way?.bytes() ?? 0) - before.bytes) / minutes,
    mebibytes: pids().map((pid) => memory(pid).now),
  };
}

function pids(): number[] {
  return ends.map(({ pid = 0 }) => pid);
}

async function show(starts: readonly Start[], idle: Idle): Promise<void> {
  const median = (of: (start: Start) => number | undefined): number =>
    share(
      starts.map((start) => of(start) ?? 0),
      0.5,
    );
  const both = (of: (end: number) => number, digits = 0): string[] => [0, 1].map((end) => of(end).toFixed(digits));
  const whole = median(({ inStep }) => inStep).toFixed(0);
  const rows = [
    [`${values.files} files`, 'master', 'mirror', 'to be reached'],
    ['CPU at rest, ms a minute', ...both((end) => idle.cpu[end] ?? 0, 1), `≤ ${TARGET.cpu}`],
    ['bytes on the wire at rest, a minute', idle.bytes.toFixed(0), idle.bytes.toFixed(0), 'keep-alive only'],
    ['resident memory at rest, MiB', ...both((end) => idle.mebibytes[end] ?? 0), `≤ ${TARGET.mebibytes}`],
    ['ready after a start, ms', ...both((end) => median(({ ready }) => ready[end])), `≤ ${TARGET.ready}`],
    ['both in step after a start of both, ms', whole, whole, `≤ ${TARGET.inStep}`],
    ['CPU of a start until in step, ms', ...both((end) => median(({ cpu }) => cpu[end])), ''],
  ];
  const bars = ['master', 'mirror'].map((label, end) => ({ label, value: idle.cpu[end] ?? 0, target: TARGET.cpu }));
  const until = (label: string, value: number, target: number) => ({ label, value, target });
  const charts = [
    { title: 'An install at rest', axis: 'milliseconds of CPU a minute', bars },
    {
      title: `A start with ${Number(values.files).toLocaleString('en-US')} files`,
      axis: 'milliseconds from the start, median',
      bars: [
        until(
          'master ready',
          median(({ ready }) => ready[0]),
          TARGET.ready,
        ),
        until(
          'mirror ready',
          median(({ ready }) => ready[1]),
          TARGET.ready,
        ),
        until(
          'both in step',
          median(({ inStep }) => inStep),
          TARGET.inStep,
        ),
      ],
    },
  ];
  await present({ name: 'rest', command: 'npm run bench:rest', rows, charts }, values.docs);
}

/** Asked over the console, as the command line does. */
async function inStepAt({ dataDir }: Install): Promise<void> {
  for (;;) {
    const { sites } = await ask(dataDir, 'node.status', {});
    if (sites.every(({ peers }) => peers.length > 0 && peers.every((peer) => peer.connected && peer.inStep))) return;
    await sleep(LOOK_MILLIS);
  }
}
