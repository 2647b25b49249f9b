import { join } from 'node:path';
import { editConfig } from '../../electron/engine/config/config-file.ts';
import { Install } from '../../electron/entry/demo/install.ts';
import { CommandProcess } from './command-process.ts';
import { toolOptions } from '../support/tool-options.ts';

const HELP = `A master and its mirrors for a bench rig that measures from outside. Uploads come by plain FTP. It prints one JSON line,
{"ftp": [host, port, user, password]}, once all mirrors are in step; SIGTERM ends it.

  npm run bench:peer

From the environment:
  MASTER_DIR    the folder of the site at the master
  MIRROR_DIRS   the folders of the mirrors, joined by ":"
  WORK_DIR      where the installs keep what is theirs
  BENCH_TLS     1: the mirrors fetch with TLS
  BENCH_GROUP   all or settle: the files of the rig's trial of a set are a group of that rule
`;

toolOptions(HELP, {});
const { MASTER_DIR: masterDir, MIRROR_DIRS: mirrorDirs, WORK_DIR: workDir, BENCH_TLS: tls = '0' } = process.env;
if (!masterDir || !mirrorDirs || !workDir) throw new Error('MASTER_DIR, MIRROR_DIRS and WORK_DIR are needed.');

/** As the rig names them: an index and what it is made of. */
const SET = [
  ...Array.from({ length: 20 }, (_, at) => `pub/set-a${String(at).padStart(2, '0')}.css`),
  'pub/set-index.html',
];
/** Mirrors that are set up at the same time: a rig waits a minute for all of them. */
const AT_ONCE = 4;
const { BENCH_GROUP: groupRule = '' } = process.env;

const ended = new Promise<void>((resolve) => {
  process.on('SIGTERM', resolve);
  process.on('SIGINT', resolve);
});
const over = new AbortController();
const master = new Install('master', join(workDir, 'lockstep-master'), over.signal);
const mirrors = mirrorDirs.split(':').map((root, index) => {
  const name = `mirror${index}`;
  return { root, install: new Install(name, join(workDir, `lockstep-${name}`), over.signal) };
});
const everybody = [master, ...mirrors.map(({ install }) => install)];
const commands = new CommandProcess();
process.on('exit', () => everybody.forEach((install) => install.kill()));

try {
  await Promise.race([start(masterDir), ended]);
  await ended;
} finally {
  over.abort();
  await commands.end();
  await Promise.all(everybody.map((install) => install.stop()));
}

/** A rig uses its folders run after run, and each run has other installs. */
async function start(root: string): Promise<void> {
  const local = ['--ftp', '127.0.0.1:0', '--link', '127.0.0.1:0', '--plain-ftp'];
  await commands.run(master.dataDir, 'init', '--role', 'master', '--name', 'master', ...local);
  await commands.run(master.dataDir, 'site', 'add', 'bench', root, '--take-over');
  const added = await commands.run(master.dataDir, 'account', 'add', 'bench', '--site', 'bench', '--json');
  await master.run();
  if (groupRule !== '') {
    const members = SET.flatMap((path) => ['--member', path]);
    await commands.run(master.dataDir, 'group', 'add', 'set', '--rule', groupRule, ...members);
  }
  const waiting = [...mirrors];
  const setUpRest = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await setUp(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, setUpRest));
  await commands.run(master.dataDir, 'wait', '--timeout', '30m');
  const { ftp } = (await master.status()).listeners;
  await commands.end();
  if (!ftp) throw new Error('The master has no FTP server.');
  process.stdout.write(`${JSON.stringify({ ftp: [ftp.host, ftp.port, 'bench', passwordOf(JSON.parse(added))] })}\n`);
}

async function setUp({ root, install }: (typeof mirrors)[number]): Promise<void> {
  await commands.run(install.dataDir, 'init', '--role', 'mirror', '--name', install.name);
  const code = await commands.run(master.dataDir, 'invite');
  await commands.run(install.dataDir, 'join', code, '--root', root, '--take-over');
  const transport = tls === '1' ? 'tls' : 'plain';
  await editConfig(install.dataDir, (config) => ({
    ...config,
    follows: config.follows.map((follow) => ({ ...follow, transport })),
  }));
  await install.run();
}

function passwordOf(account: unknown): string {
  if (typeof account === 'object' && account !== null && 'password' in account) return String(account.password);
  throw new Error('No password was made.');
}
