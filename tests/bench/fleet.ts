import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'basic-ftp';
import { editConfig } from '../../electron/engine/config/config-file.ts';
import { Install } from '../../electron/entry/demo/install.ts';
import { connectPublisher } from '../../electron/entry/demo/publisher.ts';
import { createFaultProxy } from '../support/fault-proxy.ts';

export interface Fleet {
  readonly master: Install;
  /** In the order of `roots`. */
  readonly mirrors: readonly Install[];
  /** The folders of the mirrors, in their order. */
  readonly roots: readonly string[];
  /** Logged in. */
  readonly client: Client;
  /** Bytes of the links of all that are `counted`, both ways together. */
  readonly linkBytes: () => number;
  stop(): Promise<void>;
}

/** `far`: its link takes 25 ms each way. `narrow`: it fetches at most 200 kB/s. `counted`: the bytes of its link are. */
export type Kind = 'near' | 'far' | 'narrow' | 'counted';

const FAR_MILLIS = 25;
const NARROW_BYTES_PER_SECOND = 200_000;
const PAIRED_AT_ONCE = 8;
const PAIRING_MILLIS = 6_100;

/** A master and its mirrors, each a process of its own, in step. */
export async function startFleet(folder: string, kinds: readonly Kind[]): Promise<Fleet> {
  const master = new Install('master', join(folder, 'master-data'));
  const mirrors = kinds.map((kind, at) => {
    const name = `mirror${at}`;
    return { kind, root: join(folder, name), install: new Install(name, join(folder, `${name}-data`)) };
  });
  const installs = [master, ...mirrors.map(({ install }) => install)];
  process.on('exit', () => installs.forEach((install) => install.kill()));
  await mkdir(join(folder, 'site'));
  const local = ['--ftp', '127.0.0.1:0', '--link', '127.0.0.1:0', '--plain-ftp'];
  await master.lockstep('init', '--role', 'master', '--name', 'master', ...local);
  await master.lockstep('site', 'add', 'bench', join(folder, 'site'));
  const account = await master.lockstep('account', 'add', 'bench', '--site', 'bench', '--json');
  const { password } = JSON.parse(account) as { password: string };
  await master.run();
  const { node, listeners } = await master.status();
  if (!listeners.ftp || !listeners.link) throw new Error('The master does not listen.');
  const far = await createFaultProxy({ to: listeners.link });
  far.delay(FAR_MILLIS);
  const counted = await createFaultProxy({ to: listeners.link });
  for (const [index, { kind, root, install }] of mirrors.entries()) {
    // A master takes only so many pairings from one address at once.
    if (index >= PAIRED_AT_ONCE) await sleep(PAIRING_MILLIS);
    await install.lockstep('init', '--role', 'mirror', '--name', install.name);
    const proxy = kind === 'far' ? far : kind === 'counted' ? counted : undefined;
    const way = proxy ? ['--address', proxy.endpoint] : [];
    await install.lockstep('join', await master.lockstep('invite', ...way), '--root', root, '--dial', 'mirror');
    const narrow = kind === 'narrow' ? { bytesPerSecond: NARROW_BYTES_PER_SECOND } : {};
    await editConfig(install.dataDir, (config) => ({
      ...config,
      follows: config.follows.map((follow) => ({ ...follow, transport: 'plain' as const, ...narrow })),
    }));
    await install.run();
  }
  await master.lockstep('wait', '--timeout', '5m');
  const login = { host: '127.0.0.1', port: listeners.ftp.port, user: 'bench', password, fingerprint: node.id };
  const client = await connectPublisher(login);
  const stop = async (): Promise<void> => {
    client.close();
    await Promise.all(installs.map((install) => install.stop()));
    await Promise.all([far.stop(), counted.stop()]);
  };
  return {
    master,
    mirrors: mirrors.map(({ install }) => install),
    roots: mirrors.map(({ root }) => root),
    client,
    linkBytes: () => counted.bytes,
    stop,
  };
}
