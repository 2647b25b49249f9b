import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { freePort } from '../support/free-port.ts';
import { Node } from './node.ts';

/** What an install keeps of earlier versions, so that a long run stays on its small disks. */
const VERSIONS_BYTES = 50_000_000;
const DISK_BYTES = 768 * 2 ** 20;
export const PASSWORD = 'a soak password';

export interface World {
  readonly folder: string;
  readonly master: Node;
  /** One dials through `link`, one is dialled, one dials directly. */
  readonly mirrors: readonly Node[];
  readonly nodes: readonly Node[];
  /** Where publishers log in; it goes through `clients`. */
  readonly ftpPort: number;
  /** Between one of the mirrors and the master, and between the publishers and it. */
  readonly proxies: { readonly link: FaultProxy; readonly clients: FaultProxy };
  /** Folders with a disk of their own, which can be filled; none where this process may not mount. */
  readonly disks: readonly string[];
  /** Ends everything. `keep`: what is on disk stays. */
  stop(keep: boolean): Promise<void>;
}

/** A master and three mirrors, set up and run by the command line, paired, with accounts for so many publishers. */
export async function startWorld(folder: string, publishers: number): Promise<World> {
  const disks: string[] = [];
  const place = async (name: string): Promise<string> => {
    const disk = join(folder, `${name} disk`);
    await mkdir(disk, { recursive: true });
    if (mount(disk)) disks.push(disk);
    const root = join(disk, 'site');
    await mkdir(root);
    return root;
  };
  const [ftpPort, linkPort, osakaPort] = [await freePort(), await freePort(), await freePort()];
  const master = new Node('origin', folder, await place('origin'));
  const tokyo = new Node('tokyo', folder);
  const osaka = new Node('osaka', folder);
  const kyoto = new Node('kyoto', folder, await place('kyoto'));
  const mirrors = [tokyo, osaka, kyoto];
  const listen = ['--ftp', `127.0.0.1:${ftpPort}`, '--link', `127.0.0.1:${linkPort}`, '--plain-ftp'];
  await master.lockstep(['init', '--role', 'master', '--name', master.name, ...listen]);
  await master.lockstep(['site', 'add', 'www', master.root, '--watch']);
  for (let index = 0; index < publishers; index += 1)
    await master.lockstep(['account', 'add', `p${index}`, '--site', 'www', '--password-stdin'], `${PASSWORD}\n`);
  await master.lockstep([
    'group',
    'add',
    'band',
    '--site',
    'www',
    '--member',
    'p1/news/**',
    '--rule',
    'settle',
    '--settle',
    '1s',
    '--limit',
    '10s',
  ]);
  await edit(master, 'sites');
  await master.start();
  const link = await createFaultProxy({ to: { host: '127.0.0.1', port: linkPort } });
  const clients = await createFaultProxy({ to: { host: '127.0.0.1', port: ftpPort } });
  for (const mirror of mirrors) {
    const listens = mirror === osaka ? ['--link', `127.0.0.1:${osakaPort}`] : [];
    await mirror.lockstep(['init', '--role', 'mirror', '--name', mirror.name, ...listens]);
    const invitation = await master.lockstep(['invite', ...(mirror === tokyo ? ['--address', link.endpoint] : [])]);
    await mirror.lockstep([
      'join',
      invitation,
      '--root',
      mirror.root,
      ...(mirror === osaka ? ['--dial', 'master'] : []),
    ]);
    await edit(mirror, 'follows');
    await mirror.start();
  }
  const nodes = [master, ...mirrors];
  return {
    folder,
    master,
    mirrors,
    nodes,
    ftpPort: clients.address.port,
    proxies: { link, clients },
    disks,
    stop: async (keep) => {
      for (const node of nodes) await node.end('SIGKILL');
      for (const proxy of [link, clients]) await proxy.stop();
      if (keep) return;
      for (const disk of disks) spawnSync('umount', [disk]);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function mount(disk: string): boolean {
  if (process.getuid?.() !== 0) return false;
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'soak', disk]).status === 0;
}

/** A random publisher may well delete most of what there is: here that is no accident. */
async function edit({ dataDir }: Node, list: 'sites' | 'follows'): Promise<void> {
  const file = join(dataDir, 'config.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, object[]>;
  const versions = { bytes: VERSIONS_BYTES };
  const more = list === 'sites' ? { versions } : { versions, deleteGuard: 1 };
  await writeFile(
    file,
    JSON.stringify({ ...config, [list]: (config[list] ?? []).map((each) => ({ ...each, ...more })) }),
  );
}
