import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { freePort } from './free-port.ts';
import { temporaryFolder } from './temporary-folder.ts';

const PROFTPD = ['/usr/sbin/proftpd', '/usr/local/sbin/proftpd'].find((file) => existsSync(file));
const NOBODY = 65_534;

/** Why tests against a server that is not Lockstep cannot run here; undefined: they can. */
export const whyNoOtherServer: string | undefined =
  PROFTPD === undefined
    ? 'proftpd is not installed (apt-get install proftpd-core)'
    : process.getuid?.() !== 0
      ? 'proftpd lets a user of its own file in only where root starts it'
      : undefined;

export interface OtherServer {
  readonly port: number;
  /** What the login sees as `/`. */
  readonly root: string;
  readonly user: string;
  readonly password: string;
}

/** proftpd on any port of loopback, without TLS, with one user. `hashes`: it has HASH (mod_digest). `denied`: commands that it refuses. */
export async function startOtherServer({
  hashes = false,
  denied = [],
}: {
  readonly hashes?: boolean;
  readonly denied?: readonly string[];
} = {}): Promise<OtherServer> {
  const folder = await temporaryFolder();
  const [root, users, config] = [join(folder, 'root'), join(folder, 'users'), join(folder, 'proftpd.conf')];
  await mkdir(root);
  await chmod(folder, 0o755);
  await chmod(root, 0o777);
  const [user, password] = ['editor', 'a-password'];
  const hash = spawnSync('openssl', ['passwd', '-6', password], { encoding: 'utf8' }).stdout.trim();
  await writeFile(users, `${user}:${hash}:${NOBODY}:${NOBODY}::${root}:/bin/false\n`, { mode: 0o600 });
  const port = await freePort();
  const lines = [
    ...(hashes ? ['LoadModule mod_digest.c'] : []),
    'ServerType standalone',
    `Port ${port}`,
    'DefaultAddress 127.0.0.1',
    'UseReverseDNS off',
    'User nobody',
    'Group nogroup',
    `AuthUserFile ${users}`,
    'AuthOrder mod_auth_file.c',
    'RequireValidShell off',
    'AllowOverwrite on',
    'AllowStoreRestart on',
    `DefaultRoot ${root}`,
    `PidFile ${join(folder, 'pid')}`,
    `ScoreboardFile ${join(folder, 'scoreboard')}`,
    `SystemLog ${join(folder, 'log')}`,
    ...(denied.length > 0
      ? ['<Directory />', `<Limit ${denied.join(' ')}>`, 'DenyAll', '</Limit>', '</Directory>']
      : []),
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  const server = spawn(PROFTPD ?? '', ['--nodaemon', '--config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  onTestFinished(() => void server.kill());
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (tries > 200 || server.exitCode !== null) throw new Error(`proftpd does not start: ${said}`);
    await sleep(50);
  }
  return { port, root, user, password };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
