import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { put } from '../../electron/entry/demo/publisher.ts';
import { startPair, type Transport } from './pair.ts';
import { seenAt } from './seen-at.ts';
import { present } from './sheet/sheet.ts';
import { share, spread } from './sheet/spread.ts';
import {
  isInstalled,
  type PlainServer,
  startConnecting,
  startLftp,
  startLsyncd,
  startWarm,
  type WayFile,
  type WayPeer,
} from './way-peers.ts';
import { toolOptions } from '../support/tool-options.ts';

const HELP = `How many round trips a file is behind on a long way: the mirror reaches its master, link, FTP and data, over proxies that
delay each byte. Counted from the client's 226 (the client is near the master) to the whole file visible at the mirror. Beside it
over the same proxies, where they are installed: lsyncd with an rsync daemon (counted from when the file is in its folder), lftp
mirror, and plain FTP clients that hear of each file for nothing.

  npm run bench:way [-- --way 25] [--rounds 15] [--docs]
`;

const { values } = toolOptions(HELP, {
  options: {
    way: { type: 'string', default: '25' },
    rounds: { type: 'string', default: '15' },
    docs: { type: 'boolean', default: false },
  },
});
const WAY_MILLIS = Number(values.way);
const ROUNDS = Number(values.rounds);
const MANY = 100;
/** Others need so long for many files that one round has to do. */
const MANY_ROUNDS = { ours: 3, others: 1 };
const KIB_4 = 4096;
/** Until nothing of the last file is under way any more. */
const REST_MILLIS = 300;
/** Many files are looked for this often: each look takes time from what is measured. */
const LOOK_MILLIS = 10;
/** What is to be reached by Lockstep. */
const TARGET = { single: 2.2, many: 6 };

interface Measured {
  readonly name: string;
  readonly isOurs: boolean;
  readonly single: readonly number[];
  readonly many: readonly number[];
}

const folder = await mkdtemp(join(await realpath(tmpdir()), 'lockstep-round-trips-'));
try {
  const all = [...(await measureOver('plain')), ...(await measureOver('tls')), ...(await measureLsyncd())];
  const measured = [...all.filter(({ isOurs }) => isOurs), ...all.filter(({ isOurs }) => !isOurs)];
  const trip = 2 * WAY_MILLIS;
  const head = [`round trips of ${trip} ms, p50 / p95`, '4 KiB', `${MANY} × 4 KiB, after the last`, 'to be reached'];
  const target = `${TARGET.single} and ${TARGET.many}`;
  const rows = measured.map((each) => [
    each.name,
    spread(each.single, 2),
    spread(each.many, 2),
    each.isOurs ? target : '',
  ]);
  const chart = (title: string, of: 'single' | 'many') => ({
    title,
    axis: `round trips of ${trip} ms, median; whole at the mirror after the 226`,
    bars: measured.map((each) => ({
      label: each.name,
      value: share(each[of], 0.5),
      ...(each.isOurs && { target: TARGET[of] }),
    })),
  });
  const charts = [
    chart('One new file of 4 KiB over a long way', 'single'),
    chart(`${MANY} new files of 4 KiB over a long way`, 'many'),
  ];
  await present({ name: 'way', command: 'npm run bench:way', rows: [head, ...rows], charts }, values.docs);
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Lockstep, and over the same way the clients that can be served without TLS. */
async function measureOver(transport: Transport): Promise<Measured[]> {
  const at = join(folder, transport);
  await mkdir(at);
  const pair = await startPair({ folder: at, transport, wayMillis: WAY_MILLIS });
  const client = await pair.connect();
  const upload = async (files: readonly WayFile[]): Promise<number> => {
    let last = 0;
    for (const { name, content } of files) last = await put(client, `pub/${name}`, content);
    return last;
  };
  const { port, user, password } = pair.login;
  const server: PlainServer = { host: pair.way?.host ?? '', port, user, password, put: upload };
  const lockstep: WayPeer = {
    name: `Lockstep, ${transport === 'tls' ? 'TLS' : 'plain FTP'}`,
    root: pair.mirrorRoot,
    publish: upload,
    stop: () => Promise.resolve(),
  };
  try {
    const ours = await measure(lockstep, true);
    if (transport === 'tls') return [ours];
    // Nothing else takes the files over the way while the others are measured.
    await pair.mirror.stop();
    const others: WayPeer[] = [];
    if (isInstalled('lftp')) others.push(await startLftp(at, server));
    else console.log('lftp is not installed');
    others.push(await startWarm(at, server), await startConnecting(at, server));
    const measured = [ours];
    for (const other of others) measured.push(await measure(other, false));
    return measured;
  } finally {
    client.close();
    await pair.stop();
  }
}

async function measureLsyncd(): Promise<Measured[]> {
  if (!isInstalled('lsyncd') || !isInstalled('rsync')) {
    console.log('lsyncd or rsync is not installed');
    return [];
  }
  const at = join(folder, 'lsyncd');
  await mkdir(at);
  return [await measure(await startLsyncd(at, WAY_MILLIS), false)];
}

async function measure(peer: WayPeer, isOurs: boolean): Promise<Measured> {
  const single: number[] = [];
  const many: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) single.push(await delay(peer, [`one-${round}`]));
    for (let round = 0; round < (isOurs ? MANY_ROUNDS.ours : MANY_ROUNDS.others); round += 1) {
      const names = Array.from({ length: MANY }, (_, at) => `many-${round}-${at}`);
      many.push(await delay(peer, names));
    }
  } finally {
    await peer.stop();
  }
  return { name: peer.name, isOurs, single, many };
}

/** From the last 226 to the last file visible, in round trips. */
async function delay(peer: WayPeer, names: readonly string[]): Promise<number> {
  await sleep(REST_MILLIS);
  const files = names.map((name) => ({ name, content: randomBytes(KIB_4) }));
  const seen = files.map(({ name, content }) =>
    seenAt(join(peer.root, 'pub', name), content, files.length > 1 ? LOOK_MILLIS : undefined),
  );
  const last = await peer.publish(files);
  return Math.max(0, Math.max(...(await Promise.all(seen))) - last) / (2 * WAY_MILLIS);
}
