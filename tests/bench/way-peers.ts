import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'basic-ftp';
import { freePort } from '../../electron/entry/free-port.ts';
import { createLongWay } from '../support/long-way.ts';

/** Another way to get files over the long way: `publish` makes them known, `root` is where they appear. */
export interface WayPeer {
  readonly name: string;
  readonly root: string;
  /** Puts them where the tool looks. Resolves the moment at which the last one is there. */
  publish(files: readonly WayFile[]): Promise<number>;
  stop(): Promise<void>;
}

export interface WayFile {
  /** Within `pub`. */
  readonly name: string;
  readonly content: Buffer;
}

/** The FTP server that plain clients reach over the way, without TLS. */
export interface PlainServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Uploads from nearby; resolves when the last 226 has come. */
  put(files: readonly WayFile[]): Promise<number>;
}

const run = promisify(execFile);
const STARTED_MILLIS = 30_000;
/** No pass takes so long. */
const PASS_MILLIS = 60_000;

export function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** lsyncd without a delay, and an rsync daemon that flushes no small packets late, as in the best tuning that was found. */
export async function startLsyncd(folder: string, wayMillis: number): Promise<WayPeer> {
  const [source, root] = [join(folder, 'source'), join(folder, 'target')];
  await mkdir(join(source, 'pub'), { recursive: true });
  await mkdir(join(root, 'pub'), { recursive: true });
  const port = await freePort(20_000 + Math.floor(Math.random() * 900));
  const way = await createLongWay([port], wayMillis);
  const daemonConf = join(folder, 'rsyncd.conf');
  const log = join(folder, 'lsyncd.log');
  // Started by root it would write as nobody.
  const owner = process.getuid?.() === 0 ? 'uid = 0\ngid = 0\n' : '';
  await writeFile(
    daemonConf,
    `address = 127.0.0.1\nport = ${port}\nuse chroot = no\n${owner}socket options = TCP_NODELAY\n[bench]\npath = ${root}\nread only = no\n`,
  );
  const conf = join(folder, 'lsyncd.lua');
  await writeFile(
    conf,
    `settings { nodaemon = true, insist = true, logfile = "${log}", statusFile = "${folder}/status" }
sync { default.rsync, source = "${source}/", target = "rsync://${way.host}:${port}/bench/", delay = 0,
  rsync = { archive = true, whole_file = true, compress = false, _extra = { "--sockopts=TCP_NODELAY" } } }\n`,
  );
  const programs = [
    spawn('rsync', ['--daemon', '--no-detach', `--config=${daemonConf}`], { stdio: 'ignore' }),
    spawn('lsyncd', ['-nodaemon', conf], { stdio: 'ignore' }),
  ];
  const stop = async (): Promise<void> => {
    await Promise.all(programs.map(end));
    await way.stop();
  };
  for (const until = performance.now() + STARTED_MILLIS; ; await sleep(50)) {
    const text = await readFile(log, 'utf8').catch(() => '');
    if (text.includes('Startup of')) break;
    if (performance.now() > until) {
      await stop();
      throw new Error('lsyncd does not start.');
    }
  }
  return {
    name: 'lsyncd and rsync',
    root,
    publish: async (files) => {
      let last = 0;
      for (const { name, content } of files) {
        // Under its own name at once: a rename would be a second event for it.
        await writeFile(join(source, 'pub', name), content);
        last = performance.now();
      }
      return last;
    },
    stop,
  };
}

/** A client that hears of each file for nothing, and then connects, logs in, fetches and leaves: what a shell script would do. */
export async function startConnecting(folder: string, server: PlainServer): Promise<WayPeer> {
  const root = join(folder, 'connecting');
  await mkdir(join(root, 'pub'), { recursive: true });
  return {
    name: 'FTP, a connection a file',
    root,
    publish: async (files) => {
      const last = await server.put(files);
      for (const { name } of files) {
        const client = new Client();
        await client.access(server);
        await fetchWhole(client, root, name);
        client.close();
      }
      return last;
    },
    stop: () => Promise.resolve(),
  };
}

/** One that stays connected: each file still takes a data connection of its own. */
export async function startWarm(folder: string, server: PlainServer): Promise<WayPeer> {
  const root = join(folder, 'warm');
  await mkdir(join(root, 'pub'), { recursive: true });
  const client = new Client();
  await client.access(server);
  return {
    name: 'FTP, connected already',
    root,
    publish: async (files) => {
      const last = await server.put(files);
      for (const { name } of files) await fetchWhole(client, root, name);
      return last;
    },
    stop: () => {
      client.close();
      return Promise.resolve();
    },
  };
}

/** One pass of `lftp mirror`, begun the moment the last file is there: no polling tool is faster. */
export async function startLftp(folder: string, server: PlainServer): Promise<WayPeer> {
  const root = join(folder, 'lftp');
  await mkdir(join(root, 'pub'), { recursive: true });
  const { host, port, user, password } = server;
  // By EPSV it stays on the way: with PASV it would go to the address that the master has for itself.
  const settings =
    'set ftp:ssl-allow no; set ftp:sync-mode no; set ftp:prefer-epsv yes; set net:timeout 10; set net:max-retries 2';
  const script = `${settings}; open -u ${user},${password} ftp://${host}:${port}; mirror --parallel=4 /pub ${root}/pub`;
  return {
    name: 'lftp mirror, one pass',
    root,
    publish: async (files) => {
      const last = await server.put(files);
      await run('lftp', ['-c', script], { timeout: PASS_MILLIS });
      return last;
    },
    stop: () => Promise.resolve(),
  };
}

/** Visible only when it is whole, as of any careful client. */
async function fetchWhole(client: Client, root: string, name: string): Promise<void> {
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  await client.downloadTo(sink, `/pub/${name}`);
  await writeFile(join(root, `.${name}`), Buffer.concat(chunks));
  await rename(join(root, `.${name}`), join(root, 'pub', name));
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
}
