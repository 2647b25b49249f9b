import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'basic-ftp';
import { put } from '../../electron/entry/demo/publisher.ts';
import { type Pair, startPair } from './pair.ts';
import { seenAt } from './seen-at.ts';
import { present } from './sheet/sheet.ts';
import { toolOptions } from '../support/tool-options.ts';

const HELP = `The system calls of one update (4 KiB, plain FTP, a new file), counted by strace at the master and at its mirror, and grouped
by what they are for. With a tree of another size the same numbers have to come out.

  npm run bench:calls [-- --files 0] [--updates 50] [--docs]
`;

const { values } = toolOptions(HELP, {
  options: {
    files: { type: 'string', default: '0' },
    updates: { type: 'string', default: '50' },
    docs: { type: 'boolean', default: false },
  },
});
if (spawnSync('strace', ['-V']).error) {
  console.log('strace is not installed');
  process.exit();
}
const UPDATES = Number(values.updates);
const KIB_4 = 4096;
const APART_MILLIS = 100;
const ATTACHED_MILLIS = 2_000;
/** Until folders are flushed and what the mirrors have told is written. */
const REST_MILLIS = 2_000;

const GROUPS: readonly { readonly what: string; readonly calls: RegExp }[] = [
  { what: 'waiting for what comes, and timers (epoll)', calls: /^epoll|^timerfd|^poll$/ },
  {
    what: 'between threads (futex, eventfd): each file operation that waits for the disk goes to another thread',
    calls: /^futex$/,
  },
  { what: 'read and write: sockets, eventfds', calls: /^(read|write|readv|writev|recvmsg|sendmsg|shutdown)$/ },
  {
    what: 'at a place of a file: database, hash, content (pread, pwrite)',
    calls: /^(pread64|pwrite64|preadv|pwritev)/,
  },
  { what: 'flushes (fsync, fdatasync)', calls: /^(fsync|fdatasync)$/ },
  { what: 'open and close', calls: /^(open|openat|close)$/ },
  {
    what: 'one name or file looked at (stat, readlink)',
    calls: /^(stat|lstat|fstat|newfstatat|statx|readlink|readlinkat|access|faccessat2?|statfs|fstatfs)$/,
  },
  { what: 'a folder listed (getdents64)', calls: /^getdents/ },
  {
    what: 'names and times set (rename, unlink, utimes, chmod, truncate)',
    calls:
      /^(rename|renameat2?|unlink|unlinkat|utimensat|f?chmod|fchmodat|ftruncate|link|linkat|mkdir|mkdirat|fallocate)$/,
  },
  { what: 'locks of the database (fcntl)', calls: /^fcntl$/ },
  {
    what: 'connections (socket, accept, bind)',
    calls: /^(socket|accept4?|bind|listen|connect|getsockname|getpeername|setsockopt|getsockopt)$/,
  },
];
const REST = 'others (memory, clocks)';

const folder = await mkdtemp(join(await realpath(tmpdir()), 'lockstep-bench-'));
const pair = await startPair({ folder, transport: 'plain', files: Number(values.files) });
try {
  const client = await connectPlain(pair);
  await update(client, 0);
  const ends = [pair.master, pair.mirror].map(({ pid = 0 }) => pid);
  const idle = await count(ends, () => sleep(UPDATES * APART_MILLIS));
  const busy = await count(ends, async () => {
    for (let at = 1; at <= UPDATES; at += 1) await update(client, at);
  });
  client.close();
  const each = busy.map((calls, end) => perUpdate(calls, idle[end] ?? new Map()));
  const sum = (of: ReadonlyMap<string, number> | undefined): number =>
    [...(of?.values() ?? [])].reduce((a, b) => a + b, 0);
  const cell = (value: number): string => value.toFixed(1);
  const names = [...GROUPS.map(({ what }) => what), REST];
  const rows = [
    [`system calls of one update, with ${values.files} other files`, 'master', 'mirror'],
    ...names.map((name) => [name, ...each.map((groups) => cell(groups.get(name) ?? 0))]),
    ['together', ...each.map((groups) => cell(sum(groups)))],
  ];
  const bars = names.map((label) => ({
    label: label.replace(/ ?[:(].*$/, ''),
    value: sum(new Map(each.map((g, at) => [String(at), g.get(label) ?? 0]))),
  }));
  const chart = {
    title: 'System calls of one update, master and mirror together',
    axis: 'calls for one new file of 4 KiB',
    bars,
  };
  await present({ name: 'calls', command: 'npm run bench:calls', rows, charts: [chart] }, values.docs);
} finally {
  await pair.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function connectPlain({ login }: Pair): Promise<Client> {
  const client = new Client(30_000);
  await client.access({ host: login.host, port: login.port, user: login.user, password: login.password });
  return client;
}

async function update(client: Client, at: number): Promise<void> {
  const content = randomBytes(KIB_4);
  const seen = seenAt(join(pair.mirrorRoot, 'pub', `file-${at}`), content);
  await put(client, `pub/file-${at}`, content);
  await seen;
  await sleep(APART_MILLIS);
}

/** By name, for each process, while `work` is under way. */
async function count(pids: readonly number[], work: () => Promise<void>): Promise<Map<string, number>[]> {
  const traces = pids.map((pid) => {
    const file = join(folder, `strace-${pid}`);
    return { file, child: spawn('strace', ['-f', '-c', '-o', file, '-p', String(pid)], { stdio: 'ignore' }) };
  });
  await sleep(ATTACHED_MILLIS);
  await work();
  await sleep(REST_MILLIS);
  for (const { child } of traces) {
    const closed = once(child, 'close');
    child.kill('SIGINT');
    await closed;
  }
  return Promise.all(traces.map(async ({ file }) => parse(await readFile(file, 'utf8'))));
}

/** Lines of `strace -c`: share, seconds, microseconds a call, calls, errors where there are some, name. */
function parse(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, calls, name] = /^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)(?:\s+\d+)?\s+(\w+)$/.exec(line) ?? [];
    if (calls !== undefined && name !== undefined && name !== 'total') counts.set(name, Number(calls));
  }
  return counts;
}

function perUpdate(busy: ReadonlyMap<string, number>, idle: ReadonlyMap<string, number>): Map<string, number> {
  const groups = new Map<string, number>();
  for (const [name, calls] of busy) {
    const what = GROUPS.find((group) => group.calls.test(name))?.what ?? REST;
    const own = Math.max(0, calls - (idle.get(name) ?? 0)) / UPDATES;
    groups.set(what, (groups.get(what) ?? 0) + own);
  }
  return groups;
}
