import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Client } from 'basic-ftp';
import { editConfig } from '../../electron/engine/config/config-file.ts';
import { Install } from '../../electron/entry/demo/install.ts';
import { connectPublisher, type FtpLogin } from '../../electron/entry/demo/publisher.ts';
import { freePort } from '../../electron/entry/free-port.ts';
import { createLongWay, type LongWay } from '../support/long-way.ts';

export type Transport = 'plain' | 'tls';

export interface PairOptions {
  /** In which all of it is kept. */
  readonly folder: string;
  /** How the mirror fetches. */
  readonly transport: Transport;
  /** Files that both ends have already, 100 to a folder. */
  readonly files?: number;
  /** The mirror reaches its master, link, FTP and data, over a way of its own with so many milliseconds each way. */
  readonly wayMillis?: number;
  /** The master watches its folder. */
  readonly watch?: boolean;
}

/** A master and one mirror, each a process of its own, in step, and a client of the master. */
export interface Pair {
  readonly master: Install;
  readonly mirror: Install;
  readonly masterRoot: string;
  readonly mirrorRoot: string;
  /** Where `wayMillis` is set. */
  readonly way: LongWay | undefined;
  /** Of the publisher, near the master. */
  readonly login: FtpLogin;
  /** Logged in; `pub` is there. */
  connect(): Promise<Client>;
  stop(): Promise<void>;
}

const PASSIVE_PORTS = 24;

export async function startPair({
  folder,
  transport,
  files = 0,
  wayMillis,
  watch = false,
}: PairOptions): Promise<Pair> {
  const [masterRoot, mirrorRoot] = await makeTwins(folder, files);
  const master = new Install('master', join(folder, 'master-data'));
  const mirror = new Install('mirror', join(folder, 'mirror-data'));
  const installs = [master, mirror];
  process.on('exit', () => installs.forEach((install) => install.kill()));
  // Another bench may begin at the same moment.
  const some = Math.floor(Math.random() * 900);
  const [ftp, link] = [await freePort(21_000 + some), await freePort(22_000 + some)];
  const passive = await freeRange();
  const listen = ['--ftp', `127.0.0.1:${ftp}`, '--link', `127.0.0.1:${link}`, '--plain-ftp'];
  await master.lockstep('init', '--role', 'master', '--name', 'master', ...listen);
  await editConfig(master.dataDir, (config) => ({ ...config, ftp: config.ftp && { ...config.ftp, passive } }));
  await master.lockstep('site', 'add', 'bench', masterRoot, ...(watch ? ['--watch'] : []));
  const account = await master.lockstep('account', 'add', 'bench', '--site', 'bench', '--json');
  const { password } = JSON.parse(account) as { password: string };
  await master.run();
  await mirror.lockstep('init', '--role', 'mirror', '--name', 'mirror');
  const ports = [ftp, link, ...Array.from({ length: PASSIVE_PORTS }, (_, at) => passive.min + at)];
  const way = wayMillis === undefined ? undefined : await createLongWay(ports, wayMillis);
  const address = way ? ['--address', `${way.host}:${link}`] : [];
  await mirror.lockstep('join', await master.lockstep('invite', ...address), '--root', mirrorRoot, '--dial', 'mirror');
  await editConfig(mirror.dataDir, (config) => ({
    ...config,
    follows: config.follows.map((follow) => ({ ...follow, transport })),
  }));
  await mirror.run();
  await master.lockstep('wait', '--timeout', '30m');
  const { node } = await master.status();
  const login = { host: '127.0.0.1', port: ftp, user: 'bench', password, fingerprint: node.id };
  return {
    master,
    mirror,
    masterRoot,
    mirrorRoot,
    way,
    login,
    connect: () => connectPublisher(login),
    stop: async () => {
      await Promise.all(installs.map((install) => install.stop()));
      await way?.stop();
    },
  };
}

/** Ports that nobody has, one after the other. */
async function freeRange(): Promise<{ min: number; max: number }> {
  for (;;) {
    const min = 23_000 + Math.floor(Math.random() * 9_000);
    const ports = Array.from({ length: PASSIVE_PORTS }, (_, at) => min + at);
    const found = await Promise.all(ports.map((port) => freePort(port)));
    if (ports.every((port, at) => found[at] === port)) return { min, max: min + PASSIVE_PORTS - 1 };
  }
}

/** Two folders with the same files, down to their times. */
export async function makeTwins(folder: string, files: number): Promise<[string, string]> {
  const [from, to] = [join(folder, 'from'), join(folder, 'to')];
  await mkdir(join(from, 'pub'), { recursive: true });
  for (let index = 0; index < files; index += 1) {
    const file = join(from, `d${Math.floor(index / 100)}`, `f${index % 100}.dat`);
    if (index % 100 === 0) await mkdir(dirname(file), { recursive: true });
    await writeFile(file, String(index).padStart(512));
  }
  await cp(from, to, { recursive: true, preserveTimestamps: true });
  return [from, to];
}
