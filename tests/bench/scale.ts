import { randomBytes } from 'node:crypto';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SiteConfig } from '../../shared/contract/config.ts';
import { editConfig } from '../../electron/engine/config/config-file.ts';
import { put } from '../../electron/entry/demo/publisher.ts';
import { ask } from './ask.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { costInMemory } from './memory-fleet.ts';
import { cpuMillis } from './process-cost.ts';
import { present } from './sheet/sheet.ts';
import { toolOptions } from '../support/tool-options.ts';

const HELP = `What an update costs a master, by the number of its mirrors: what it needs for the upload alone, for each notice and for each
fetch is measured with real mirrors (their hours are closed for the notices), and put together for 10, 100 and 1,000: by
direct links, by multicast, and through relays of 32, which are not built. Beside it the master's own code with so many links
in memory, without sockets and TLS, which shows whether the sum is right.

  npm run bench:scale [-- --mirrors 6] [--updates 200] [--docs]
`;

const { values } = toolOptions(HELP, {
  options: {
    mirrors: { type: 'string', default: '6' },
    updates: { type: 'string', default: '200' },
    docs: { type: 'boolean', default: false },
  },
});
const MIRRORS = Number(values.mirrors);
const UPDATES = Number(values.updates);
const KIB_4 = 4096;
/** Between two updates, so that each is told for itself. */
const APART_MILLIS = 25;
/** Until what was told of the last update is written down. */
const REST_MILLIS = 1_500;
const SETTLED_MILLIS = 6_000;
const RELAY_OF = 32;
const COUNTS = [10, 100, 1000];
const HOURS = 24;

const folder = await mkdtemp(join(await realpath(tmpdir()), 'lockstep-bench-'));
try {
  const fleet = await startFleet(folder, ['counted', ...Array<'near'>(MIRRORS - 1).fill('near')]);
  let measured: Awaited<ReturnType<typeof measureAll>>;
  try {
    measured = await measureAll(fleet);
  } finally {
    await fleet.stop();
  }
  const { upload, notice, fetch, announced, heard, bytes } = measured;
  const each = notice + fetch;
  const memory = new Map<number, number>();
  for (const count of COUNTS) memory.set(count, await costInMemory(folder, count, count > 100 ? 30 : 100));
  const ways = COUNTS.flatMap((count) => {
    const relays = Math.ceil(count / RELAY_OF);
    return [
      { count, way: 'direct links', millis: upload + count * each },
      { count, way: 'multicast', millis: upload + announced + count * (heard + fetch) },
      { count, way: `relays of ${RELAY_OF} (computed)`, millis: upload + relays * each },
    ];
  });
  console.log(
    `\nCPU milliseconds at the master: an upload ${upload.toFixed(2)}, a notice ${notice.toFixed(2)}, a fetch ${fetch.toFixed(2)}, ` +
      `an announcement ${announced.toFixed(2)}, the answer to it ${heard.toFixed(2)}`,
  );
  const head = [
    'CPU of the master for one update, ms',
    'mirrors',
    'in all',
    'updates a second, one core',
    'told in memory, ms',
  ];
  const rows = ways.map(({ count, way, millis }) => [
    way,
    String(count),
    millis.toFixed(1),
    (1000 / millis).toFixed(1),
    way === 'direct links' ? (memory.get(count) ?? Number.NaN).toFixed(1) : '',
  ]);
  const charts = COUNTS.map((count) => ({
    title: `One update to ${count.toLocaleString('en-US')} mirrors`,
    axis: 'milliseconds of CPU at the master, upload, notices and fetches',
    bars: ways.filter((way) => way.count === count).map(({ way, millis }) => ({ label: way, value: millis })),
  }));
  const constants = [
    ['an upload', '', upload.toFixed(2), '', ''],
    ['a notice, and its answer', '', notice.toFixed(2), '', ''],
    ['a fetch of 4 KiB, and its reports', '', fetch.toFixed(2), '', ''],
    ['an announcement by multicast', '', announced.toFixed(2), '', ''],
    ['the answer of a mirror that heard it', '', heard.toFixed(2), '', ''],
    ['bytes on the link: a notice, and its answer', '', bytes.notice.toFixed(0), '', ''],
    ['bytes on the link: the reports of a fetch', '', bytes.reports.toFixed(0), '', ''],
    ['bytes on the link where it was announced, all', '', bytes.heard.toFixed(0), '', ''],
  ];
  await present(
    { name: 'scale', command: 'npm run bench:scale', rows: [head, ...rows, ...constants], charts },
    values.docs,
  );
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** All for one update, and one mirror where there are more; times are of the master's CPU. */
async function measureAll(fleet: Fleet) {
  await fleet.client.send('MKD pub');
  const hour = new Date().getHours();
  const closed = `${(hour + HOURS / 2) % HOURS}-${(hour + HOURS / 2 + 1) % HOURS}`;
  const open = await measure(fleet, 'open');
  for (const mirror of fleet.mirrors) await mirror.lockstep('follow', 'set', '--hours', closed);
  const told = await measure(fleet, 'closed');
  const group = `239.255.${Math.floor(Math.random() * 256)}.7`;
  const port = 10_000 + Math.floor(Math.random() * 9_000);
  for (const mirror of fleet.mirrors)
    await editConfig(mirror.dataDir, (config) => ({
      ...config,
      follows: config.follows.map((follow) => ({ ...follow, multicast: { interface: '127.0.0.1' } })),
    }));
  await editConfig(fleet.master.dataDir, (config) => ({
    ...config,
    sites: config.sites.map((site) => ({ ...site, multicast: { group, port, interface: '127.0.0.1', ttl: 1 } })),
  }));
  await sleep(SETTLED_MILLIS);
  const cast = await measure(fleet, 'multicast');
  for (const mirror of fleet.mirrors) await mirror.stop();
  const alone = await measure(fleet, 'announced');
  await editConfig(fleet.master.dataDir, (config) => ({
    ...config,
    sites: config.sites.map(withoutMulticast),
  }));
  await sleep(SETTLED_MILLIS);
  const upload = await measure(fleet, 'none');
  return {
    upload: upload.millis,
    notice: (told.millis - upload.millis) / MIRRORS,
    fetch: (open.millis - told.millis) / MIRRORS,
    announced: Math.max(0, alone.millis - upload.millis),
    // Answers are gathered: of few mirrors they drown in what the machine does besides.
    heard: Math.max(0, (cast.millis - alone.millis) / MIRRORS),
    bytes: { notice: told.bytes, reports: Math.max(0, open.bytes - told.bytes), heard: cast.bytes },
  };
}

/** Of one update: the master's CPU, and what went over the link of one mirror, with TLS, both ways together. */
interface Cost {
  readonly millis: number;
  readonly bytes: number;
}

async function measure({ master, client, linkBytes }: Fleet, name: string): Promise<Cost> {
  await sleep(REST_MILLIS);
  const pid = master.pid ?? 0;
  const before = { cpu: cpuMillis(pid), bytes: linkBytes() };
  for (let at = 0; at < UPDATES; at += 1) {
    await put(client, `pub/${name}-${at}`, randomBytes(KIB_4));
    await sleep(APART_MILLIS);
  }
  if (name === 'open') {
    for (;;) {
      const { sites } = await ask(master.dataDir, 'node.status', {});
      if (sites.every(({ peers }) => peers.every((peer) => peer.inStep))) break;
      await sleep(REST_MILLIS / 10);
    }
  }
  await sleep(REST_MILLIS);
  return { millis: (cpuMillis(pid) - before.cpu) / UPDATES, bytes: (linkBytes() - before.bytes) / UPDATES };
}

function withoutMulticast(site: SiteConfig): SiteConfig {
  const { multicast, ...rest } = site;
  return multicast === undefined ? site : rest;
}
