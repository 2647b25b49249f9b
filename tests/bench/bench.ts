import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Client } from 'basic-ftp';
import { editConfig } from '../../electron/engine/config/config-file.ts';
import { Install } from '../../electron/entry/demo/install.ts';
import { connectPublisher, put } from '../../electron/entry/demo/publisher.ts';
import { seenAt } from './seen-at.ts';
import { present } from './sheet/sheet.ts';
import { share, spread } from './sheet/spread.ts';
import { toolOptions } from '../support/tool-options.ts';

const HELP = `The delay from the client's 226 to the whole file visible at the mirror, with the FTP transfers to the mirror over TLS and
without, beside one pass of rsync and lftp over the same tree (a tool that polls adds half its period on average). Numbers of one
machine in one hour; a trend, not a verdict.

  npm run bench [-- --files 2000] [--rounds 40] [--docs]
`;

const { values } = toolOptions(HELP, {
  options: {
    files: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '40' },
    docs: { type: 'boolean', default: false },
  },
});
const FILES = Number(values.files);
const ROUNDS = Number(values.rounds);
const BURST = 200;
const KIB_4 = 4096;
const MIB = 2 ** 20;
const run = promisify(execFile);

const folder = await mkdtemp(join(await realpath(tmpdir()), 'lockstep-bench-'));
const installs: Install[] = [];
process.on('exit', () => installs.forEach((install) => install.kill()));
try {
  const measured = [
    await measureLockstep('plain'),
    await measureLockstep('tls'),
    await measurePass('rsync', (from, to) => ['rsync', '-a', `${from}/`, `${to}/`]),
    await measurePass('lftp', (from, to) => ['lftp', '-c', `mirror --no-perms file:${from} ${to}`]),
  ].filter((each) => each !== undefined);
  const head = [`${FILES} files, ms, p50 / p95`, '4 KiB', '1 MiB', `${BURST} × 4 KiB, after the last`];
  const rows = measured.map(({ name, small, large, burst }) => [name, spread(small), spread(large), burst.toFixed(0)]);
  const chart = (title: string, value: (of: Delays) => number) => ({
    title,
    axis: 'milliseconds, median, until it is whole at the mirror',
    bars: measured.map((each) => ({ label: each.name, value: value(each) })),
  });
  const charts = [
    chart('One file of 4 KiB', ({ small }) => share(small, 0.5)),
    chart('One file of 1 MiB', ({ large }) => share(large, 0.5)),
    chart(`${BURST} files of 4 KiB, after the last 226`, ({ burst }) => burst),
  ];
  await present({ name: 'delay', command: 'npm run bench', rows: [head, ...rows], charts }, values.docs);
} finally {
  await Promise.all(installs.map((install) => install.stop()));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

interface Delays {
  readonly name: string;
  readonly small: readonly number[];
  readonly large: readonly number[];
  readonly burst: number;
}

async function measureLockstep(transport: 'plain' | 'tls'): Promise<Delays> {
  const { client, mirrorRoot } = await setUp(transport);
  try {
    const small = await delays(client, mirrorRoot, KIB_4);
    const large = await delays(client, mirrorRoot, MIB);
    const burst = await burstDelay(client, mirrorRoot);
    return { name: `Lockstep, ${transport === 'tls' ? 'TLS' : 'plain FTP'}`, small, large, burst };
  } finally {
    client.close();
    await Promise.all(installs.splice(0).map((install) => install.stop()));
  }
}

async function setUp(transport: 'plain' | 'tls'): Promise<{ client: Client; mirrorRoot: string }> {
  const at = join(folder, transport);
  const [masterRoot, mirrorRoot] = await twoTrees(at);
  const master = new Install('master', join(at, 'master-data'));
  const mirror = new Install('mirror', join(at, 'mirror-data'));
  installs.push(master, mirror);
  await master.lockstep(
    'init',
    '--role',
    'master',
    '--name',
    'master',
    '--ftp',
    '127.0.0.1:0',
    '--link',
    '127.0.0.1:0',
    '--plain-ftp',
  );
  await master.lockstep('site', 'add', 'bench', masterRoot);
  const { password } = JSON.parse(await master.lockstep('account', 'add', 'bench', '--site', 'bench', '--json')) as {
    password: string;
  };
  await master.run();
  await mirror.lockstep('init', '--role', 'mirror', '--name', 'mirror');
  await mirror.lockstep('join', await master.lockstep('invite'), '--root', mirrorRoot);
  await editConfig(mirror.dataDir, (config) => ({
    ...config,
    follows: config.follows.map((follow) => ({ ...follow, transport })),
  }));
  await mirror.run();
  await master.lockstep('wait', '--timeout', '5m');
  const { node, listeners } = await master.status();
  const login = { host: '127.0.0.1', port: listeners.ftp?.port ?? 0, user: 'bench', password, fingerprint: node.id };
  const client = await connectPublisher(login);
  await client.send('MKD pub');
  return { client, mirrorRoot };
}

async function delays(client: Client, mirrorRoot: string, size: number): Promise<number[]> {
  const measured: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const content = randomBytes(size);
    const seen = seenAt(join(mirrorRoot, 'pub', `file-${size}`), content);
    const committed = await put(client, `pub/file-${size}`, content);
    measured.push(Math.max(0, (await seen) - committed));
  }
  return measured;
}

/** From the last 226 of many in a row to the last file visible. */
async function burstDelay(client: Client, mirrorRoot: string): Promise<number> {
  const contents = Array.from({ length: BURST }, () => randomBytes(KIB_4));
  for (const [index, content] of contents.entries()) await put(client, `pub/burst-${index}`, content);
  const committed = performance.now();
  const seen = await Promise.all(
    contents.map((content, index) => seenAt(join(mirrorRoot, 'pub', `burst-${index}`), content)),
  );
  return Math.max(0, Math.max(...seen) - committed);
}

async function measurePass(tool: string, command: (from: string, to: string) => string[]): Promise<Delays | undefined> {
  if (spawnSync(tool, ['--version']).error) {
    console.log(`${tool} is not installed`);
    return undefined;
  }
  const [from, to] = await twoTrees(join(folder, tool));
  await mkdir(join(from, 'pub'));
  const [program = '', ...args] = command(from, to);
  const pass = async (files: number, size: number): Promise<number> => {
    for (let index = 0; index < files; index += 1)
      await writeFile(join(from, 'pub', `file-${index}`), randomBytes(size + (index % 2)));
    const started = performance.now();
    await run(program, args);
    return performance.now() - started;
  };
  const rounds = Math.min(ROUNDS, 10);
  const small: number[] = [];
  const large: number[] = [];
  for (let round = 0; round < rounds; round += 1) small.push(await pass(1, KIB_4 + round));
  for (let round = 0; round < rounds; round += 1) large.push(await pass(1, MIB + round));
  return { name: `${tool}, one pass`, small, large, burst: await pass(BURST, KIB_4) };
}

async function twoTrees(at: string): Promise<[string, string]> {
  const [from, to] = [join(at, 'from'), join(at, 'to')];
  for (let index = 0; index < FILES; index += 1) {
    const file = join(from, `d${Math.floor(index / 100)}`, `f${index % 100}.dat`);
    if (index % 100 === 0) await mkdir(dirname(file), { recursive: true });
    await writeFile(file, String(index).padStart(512));
  }
  await mkdir(from, { recursive: true });
  await cp(from, to, { recursive: true, preserveTimestamps: true });
  return [from, to];
}
