import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Client } from 'basic-ftp';
import { editConfig } from '../../electron/engine/config-file.ts';
import { table } from '../../electron/entry/cli/text.ts';
import { Install } from '../../electron/entry/demo/install.ts';
import { connectPublisher, put } from '../../electron/entry/demo/publisher.ts';
import { freePort } from '../../electron/entry/free-port.ts';
import { createLongWay } from '../support/long-way.ts';
import { seenAt } from './seen-at.ts';

/**
 * How many round trips a file is behind on a long way: the mirror reaches its master, link, FTP and data, over proxies that
 * delay each byte. Counted from the client's 226 (the client is near the master) to the whole file visible at the mirror.
 */
const { values } = parseArgs({
  options: { way: { type: 'string', default: '25' }, rounds: { type: 'string', default: '15' } },
});
const WAY_MILLIS = Number(values.way);
const ROUNDS = Number(values.rounds);
const MANY = 100;
const KIB_4 = 4096;
const PASSIVE_PORTS = 24;

const folder = await mkdtemp(join(await realpath(tmpdir()), 'lockstep-round-trips-'));
const installs: Install[] = [];
process.on('exit', () => installs.forEach((install) => install.kill()));
try {
  const rows = [await measure('plain'), await measure('tls')];
  const head = [`round trips of ${2 * WAY_MILLIS} ms, p50 / p95`, '4 KiB', `${MANY} × 4 KiB, after the last 226`];
  console.log(table([head, ...rows], ['left', 'right', 'right']).join('\n'));
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function measure(transport: 'plain' | 'tls'): Promise<string[]> {
  const ports = [await freePort(21_000), await freePort(22_000)];
  const passive = 23_000 + Math.floor(Math.random() * 20_000);
  const way = await createLongWay(
    [...ports, ...Array.from({ length: PASSIVE_PORTS }, (_, n) => passive + n)],
    WAY_MILLIS,
  );
  const at = join(folder, transport);
  try {
    const { client, root } = await setUp(transport, at, ports, passive, way.host);
    const single: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await pause(300);
      single.push(await delay(client, root, [`one-${round}`]));
    }
    const many: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await pause(500);
      many.push(
        await delay(
          client,
          root,
          Array.from({ length: MANY }, (_, n) => `many-${round}-${n}`),
        ),
      );
    }
    client.close();
    return [`lockstep, ${transport === 'tls' ? 'TLS' : 'plain FTP'}`, text(single), text(many)];
  } finally {
    await Promise.all(installs.splice(0).map((install) => install.stop()));
    await way.stop();
  }
}

async function setUp(
  transport: 'plain' | 'tls',
  at: string,
  [ftp, link]: readonly number[],
  passive: number,
  host: string,
) {
  const [from, root] = [join(at, 'from'), join(at, 'to')];
  await mkdir(join(from, 'pub'), { recursive: true });
  const master = new Install('master', join(at, 'master-data'));
  const mirror = new Install('mirror', join(at, 'mirror-data'));
  installs.push(master, mirror);
  const listen = ['--ftp', `127.0.0.1:${ftp}`, '--link', `127.0.0.1:${link}`, '--plain-ftp'];
  await master.lockstep('init', '--role', 'master', '--name', 'master', ...listen);
  await editConfig(master.dataDir, (config) => ({
    ...config,
    ftp: config.ftp && { ...config.ftp, passive: { min: passive, max: passive + PASSIVE_PORTS - 1 } },
  }));
  await master.lockstep('site', 'add', 'bench', from);
  const account = JSON.parse(await master.lockstep('account', 'add', 'bench', '--site', 'bench', '--json')) as {
    password: string;
  };
  await master.run();
  await mirror.lockstep('init', '--role', 'mirror', '--name', 'mirror');
  const code = await master.lockstep('invite', '--address', `${host}:${link}`);
  await mirror.lockstep('join', code, '--root', root, '--dial', 'mirror');
  await editConfig(mirror.dataDir, (config) => ({
    ...config,
    follows: config.follows.map((follow) => ({ ...follow, transport })),
  }));
  await mirror.run();
  await master.lockstep('wait', '--timeout', '1m');
  const { node } = await master.status();
  const login = { host: '127.0.0.1', port: ftp ?? 0, user: 'bench', password: account.password, fingerprint: node.id };
  return { client: await connectPublisher(login), root };
}

/** From the last 226 to the last file visible, in round trips. */
async function delay(client: Client, root: string, names: readonly string[]): Promise<number> {
  const contents = names.map((name) => ({ path: `pub/${name}`, content: randomBytes(KIB_4) }));
  const seen = contents.map(({ path, content }) => seenAt(join(root, path), content));
  let last = 0;
  for (const { path, content } of contents) last = await put(client, path, content);
  return Math.max(0, Math.max(...(await Promise.all(seen))) - last) / (2 * WAY_MILLIS);
}

function pause(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}

function text(measured: readonly number[]): string {
  const sorted = measured.toSorted((one, other) => one - other);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN).toFixed(2);
  return `${at(0.5)} / ${at(0.95)}`;
}
