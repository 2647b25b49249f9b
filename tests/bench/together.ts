import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { release as releaseSchema } from '../../shared/contract/releases.ts';
import { table } from '../../electron/entry/cli/text.ts';
import { put } from '../../electron/entry/demo/publisher.ts';
import { type Kind, startFleet } from './fleet.ts';
import { toolOptions } from '../support/tool-options.ts';

const HELP = `Releases of 20 files that appear at all mirrors together, each mirror a process of its own on this machine. Of the slow
mirrors every third fetches at most 200 kB/s; the links of the others take 25 ms each way. The skew is the time between
the first mirror that shows a release and the last: as a visitor sees it, and as the master notes it.

  node tests/bench/together.ts [--mirrors 16] [--slow 3] [--releases 20]
`;

const { values } = toolOptions(HELP, {
  options: {
    mirrors: { type: 'string', default: '16' },
    slow: { type: 'string', default: '3' },
    releases: { type: 'string', default: '20' },
  },
});
const FILES = 20;
const KIB_4 = 4096;
const TIMEOUT_MILLIS = 120_000;

const kinds = Array.from({ length: Number(values.mirrors) }, (_, at): Kind => {
  if (at >= Number(values.slow)) return 'near';
  return at % 3 === 0 ? 'narrow' : 'far';
});
const folder = await mkdtemp(join(await realpath(tmpdir()), 'lockstep-bench-'));
const fleet = await startFleet(folder, kinds);
try {
  const rows: { near: number; all: number; noted: number; converged: number }[] = [];
  for (let at = 0; at < Number(values.releases); at += 1) {
    const row = await measure(at);
    rows.push(row);
    process.stdout.write(`${JSON.stringify(row)}\n`);
  }
  const share = (key: keyof (typeof rows)[number], part: number): string => {
    const sorted = rows.map((row) => row[key]).toSorted((a, b) => a - b);
    return (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN).toFixed(1);
  };
  const line = (title: string, key: keyof (typeof rows)[number]): string[] => [
    title,
    share(key, 0.5),
    share(key, 0.95),
  ];
  const lines = [
    ['milliseconds', 'p50', 'p95'],
    line('skew, seen, without the slow mirrors', 'near'),
    line('skew, seen, all mirrors', 'all'),
    line('skew, as the master notes it', 'noted'),
    line('from the commit to the last mirror', 'converged'),
  ];
  process.stdout.write(`${table(lines, ['left', 'right', 'right']).join('\n')}\n`);
} finally {
  await fleet.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function measure(release: number) {
  const content = randomBytes(KIB_4);
  await fleet.client.send(`SITE RELEASE BEGIN ${release}`);
  for (let file = 0; file < FILES; file += 1) await put(fleet.client, `f${file}`, content);
  const seen = watchAll(content);
  const { message } = await fleet.client.send('SITE RELEASE COMMIT TOGETHER');
  const times = await seen;
  const id = /Release (\d+)/.exec(message)?.[1] ?? '';
  const { skewMillis, convergedMillis } = await record(id);
  const near = times.filter((_, at) => kinds[at] === 'near');
  const span = (of: readonly number[]): number => Math.max(...of) - Math.min(...of);
  return { near: span(near), all: span(times), noted: skewMillis, converged: convergedMillis };
}

/** When each mirror was first seen with it. All are looked at about every millisecond, which is how exact this is. */
async function watchAll(content: Buffer): Promise<number[]> {
  const times = new Map<number, number>();
  for (const end = performance.now() + TIMEOUT_MILLIS; times.size < fleet.roots.length; await sleep(1)) {
    for (const [at, root] of fleet.roots.entries()) {
      if (times.has(at)) continue;
      try {
        if (content.equals(readFileSync(join(root, 'f0')))) times.set(at, performance.now());
      } catch {
        // The first release is on its way.
      }
    }
    if (performance.now() > end) throw new Error('A mirror never showed the release.');
  }
  return fleet.roots.map((_, at) => times.get(at) ?? Number.NaN);
}

/** The reports of the mirrors reach the master a moment later. */
async function record(id: string): Promise<{ skewMillis: number; convergedMillis: number }> {
  for (;;) {
    const { skewMillis, convergedMillis } = releaseSchema.parse(
      JSON.parse(await fleet.master.lockstep('release', 'show', id, '--json')),
    );
    if (skewMillis !== undefined && convergedMillis !== undefined) return { skewMillis, convergedMillis };
  }
}
