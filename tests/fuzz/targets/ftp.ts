import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { createFtpServer } from '../../../electron/engine/master/ftp-server/ftp-server.ts';
import { verbs } from '../../../electron/engine/master/ftp-server/verbs/table.ts';
import { systemClock } from '../../../electron/engine/ports.ts';
import { Journal } from '../../../electron/engine/store/journal.ts';
import { openStore } from '../../../electron/engine/store/open.ts';
import { SiteRoot } from '../../../electron/engine/tree/site-root.ts';
import { config as configSchema } from '../../../shared/contract/config.ts';
import { ROOT } from '../../../shared/domain/site-path.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { quietSite } from '../../support/quiet-site.ts';
import type { Random } from '../random.ts';
import { demand, type FuzzTarget } from '../target.ts';

/** What up to three clients do, one after the other. Bytes are latin1. */
type Step =
  | readonly ['open' | 'data' | 'fin' | 'rst' | 'end' | 'cut', number]
  | readonly ['send' | 'put', number, string]
  | readonly ['wait', number];

const PASSWORD = 'the password of the fuzzer';
const CLIENTS = 3;
const NAMES = [
  'a',
  'b.txt',
  'd',
  'd/e',
  'd/e/f.html',
  ' a ',
  '-la',
  '-a',
  '..',
  '../x',
  '/',
  '/..',
  '//',
  '.',
  '',
  '*',
  'd/*',
  '?',
  '.lockstep/x',
  '.LOCKSTEP',
  'a\\b',
  'C:/x',
  '\u00e6\u0097\u00a5',
  '\u00ff',
  '\0',
  '\r',
  'x'.repeat(256),
  'y/'.repeat(130),
  '"q"',
  '20200101000000',
  '20200101000000 a',
  'a 1',
  'CON',
];
const ARGUMENTS = [
  '0',
  '1',
  '4',
  '-1',
  '99999999999999999999',
  '10 R 5',
  'I',
  'A',
  'A N',
  'L 8',
  'E',
  'S',
  'B',
  'F',
  'R',
  'P',
  'C',
  'ALL',
  '1',
  '2',
  'x',
  'UTF8 ON',
  'MLST size;type;',
  'HASH MD5',
  'TLS',
  '127,0,0,1,200,1',
  '127,0,0,1,0,22',
  '8,8,8,8,1,1',
  '|1|127.0.0.1|2000|',
  '|2|::1|9|',
  '!1!127.0.0.1!1!',
  '||||',
  'HELP',
  'UTIME 20200101000000 a',
  'EXPECT 1 ' + 'a'.repeat(64),
  'RELEASE BEGIN r',
  'RELEASE COMMIT',
  'RELEASE COMMIT TOGETHER',
  'RELEASE ABORT',
  'RELEASE STATUS',
  'RELEASE',
  'CHMOD 644 a',
  'EXEC x',
  'publisher',
  'mirror',
  PASSWORD,
  'wrong',
];
const TOKENS = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\u00ff\u00f4\u00ff\u00f2',
  '\u00ff',
  '\u00ff\u00fb',
  'ABOR',
  '%s',
  '"',
  '\u00f0\u009f',
  'x'.repeat(5000),
];

/** Server and client are one process: what is answered at all is answered soon. */
const PORT_TRIES = 10;

/** The control stream of a client that means harm, and what it does with its data connections. */
export const ftp: FuzzTarget<Step[]> = {
  name: 'ftp',
  shortRun: 30,
  width: 50,
  generate: (random) => {
    const steps: Step[] = [];
    const clients = 1 + random.below(CLIENTS);
    for (let client = 0; client < clients; client += 1) {
      steps.push(['open', client]);
      if (random.chance(0.9)) {
        const user = random.pick(['publisher', 'publisher', 'publisher', 'mirror', 'docs', 'releaser']);
        steps.push(['send', client, `USER ${user}\r\nPASS ${PASSWORD}\r\n`]);
      }
    }
    for (let left = 3 + random.below(20); left > 0; left -= 1) steps.push(...someSteps(random, random.below(clients)));
    return steps;
  },
  start: startFtp,
};

function someSteps(random: Random, client: number): Step[] {
  const roll = random.below(20);
  if (roll < 9) return [['send', client, line(random)]];
  if (roll < 16) {
    const verb = random.pick(['STOR', 'STOR', 'APPE', 'STOU', 'RETR', 'LIST', 'MLSD', 'NLST', 'ABOR', 'STAT']);
    const steps: Step[] = [['send', client, `${random.pick(['EPSV', 'PASV', 'EPSV', 'REST 1\r\nEPSV'])}\r\n`]];
    if (random.chance(0.9)) steps.push(['data', client]);
    steps.push(['send', client, `${verb} ${random.pick(NAMES)}\r\n`]);
    if (random.chance(0.7)) steps.push(['put', client, random.bytes(random.pick([0, 10, 600]))]);
    if (random.chance(0.3))
      steps.push(['send', client, random.pick(['ABOR\r\n', 'STAT\r\n', 'NOOP\r\n', 'QUIT\r\n', 'RNFR a\r\n'])]);
    steps.push([random.pick(['fin', 'fin', 'fin', 'rst'] as const), client]);
    return steps;
  }
  if (roll === 16) return [['end', client]];
  if (roll === 17)
    return [
      ['cut', client],
      ['open', client],
      ['send', client, `USER publisher\r\nPASS ${PASSWORD}\r\n`],
    ];
  if (roll === 18) return [['wait', 1 + random.below(20)]];
  return [['send', client, random.bytes(random.pick([20, 300, 3000]))]];
}

function line(random: Random): string {
  const verb = random.chance(0.95) ? random.pick([...verbs.keys()]) : random.bytes(6);
  const argument = random.chance(0.6) ? random.pick(NAMES) : random.pick(ARGUMENTS);
  const whole = `${random.chance(0.1) ? verb.toLowerCase() : verb}${random.chance(0.9) ? ` ${argument}` : ''}\r\n`;
  return random.chance(0.15) ? random.mutate(whole, TOKENS) : whole;
}

async function startFtp() {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'lockstep-fuzz-'));
  const root = join(folder, 'site');
  const outside = join(folder, 'outside');
  await mkdir(join(root, 'd'), { recursive: true });
  await mkdir(outside);
  await writeFile(join(outside, 'secret'), 'secret');
  const bugs: string[] = [];
  const logger = pino({ level: 'error' }, { write: (text: string) => void bugs.push(text) });
  const store = await openStore(join(folder, 'lockstep.db'));
  const site = quietSite({
    root: await SiteRoot.open(root, true),
    store,
    journal: new Journal(store, 'www'),
    logger,
    uploadBytesMax: 2 ** 20,
  });
  await site.start();
  const logins: Record<string, object> = {
    publisher: { kind: 'publisher', folder: ROOT },
    mirror: { kind: 'mirror', folder: ROOT },
    docs: { kind: 'publisher', folder: 'd' },
    releaser: { kind: 'publisher', folder: ROOT, releasesOnly: true },
  };
  const limits = { idleSeconds: 5, stallSeconds: 2, sessions: 500, sessionsPerAddress: 50 };
  const server = createFtpServer({
    config: configSchema.shape.ftp
      .unwrap()
      .parse({ host: '127.0.0.1', port: 0, tls: 'optional', active: true, limits }),
    tls: await makeCertificate(),
    accounts: {
      verify: (user, password) => {
        const login = password === PASSWORD && Object.hasOwn(logins, user) ? logins[user] : undefined;
        return Promise.resolve(login && ({ user, files: site, ...login } as never));
      },
      // Otherwise the wrong passwords of some cases would keep the later ones from logging in.
      isOwn: (user) => Object.hasOwn(logins, user),
      isMirror: () => false,
      isKnown: (user) => Object.hasOwn(logins, user),
    },
    logger,
    clock: systemClock,
  });
  const { port } = await server.listen();
  let number = 0;
  return {
    async attempt(steps: Step[]) {
      // Each case comes from an address of its own, so that wrong passwords lock nobody out but itself.
      number += 1;
      const clients = new Map<number, FuzzClient>();
      try {
        for (const step of steps) {
          if (step[0] === 'wait') await delay(step[1]);
          else if (step[0] === 'open') clients.set(step[1], await FuzzClient.open(port, number));
          else await clients.get(step[1])?.do(step);
        }
        await delay(5);
      } finally {
        for (const client of clients.values()) client.destroy();
      }
      for (const { text } of clients.values()) checkReplies(text, folder);
      demand(bugs.length === 0, `the server found a bug: ${bugs[0]}`);
    },
    async verify() {
      for (let tries = 0; server.sessions().length > 0; tries += 1) {
        demand(tries < 600, `${server.sessions().length} sessions are left over: ${JSON.stringify(server.sessions())}`);
        await delay(50);
      }
      const client = await FuzzClient.open(port, 0);
      try {
        await client.do(['send', 0, `USER publisher\r\nPASS ${PASSWORD}\r\nEPSV\r\n`]);
        await client.do(['data', 0]);
        await client.do(['send', 0, 'STOR probe\r\n']);
        await client.do(['put', 0, 'alive']);
        await client.do(['fin', 0]);
        await client.until(/^226 /m);
        demand((await readFile(join(root, 'probe'), 'utf8')) === 'alive', 'the probe is another file');
        await client.do(['send', 0, 'DELE probe\r\n']);
        await client.until(/^250 /m);
      } finally {
        client.destroy();
      }
      demand(
        (await readdir(folder)).every((name) => /^(site|outside|lockstep\.db.*)$/.test(name)),
        'a file beside the site',
      );
      demand((await readFile(join(outside, 'secret'), 'utf8')) === 'secret', 'a file outside the site was changed');
      demand((await readdir(outside)).length === 1, 'a file outside the site was made');
    },
    async stop() {
      await server.stop();
      await site.stop();
      store.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Between replies the server refuses each option of telnet that it is asked for (RFC 854): IAC, WONT or DONT, and the option. */
const REFUSALS = /\xff[\xfc\xfe][^]/g;

/** RFC 959 §4.2: each line is a reply, or stands within a longer one. No path of this machine is told. */
function checkReplies(text: string, folder: string): void {
  demand(!text.includes(folder), `a path of this machine is told: ${text.slice(-500)}`);
  for (const reply of text.replaceAll(REFUSALS, '').split('\r\n').slice(0, -1))
    demand(/^([1-5]\d\d[ -]| )/.test(reply) && !/[\0\r\n]/.test(reply), `this is no reply: ${JSON.stringify(reply)}`);
}

class FuzzClient {
  text = '';
  readonly #socket: Socket;
  #data: Socket | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', ignore);
    socket.on('data', (bytes: Buffer) => {
      this.text += bytes.toString('latin1');
    });
  }

  static async open(port: number, number: number): Promise<FuzzClient> {
    const own = process.platform === 'linux' ? { localAddress: `127.1.${(number >> 8) & 255}.${number & 255}` } : {};
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, ...own });
    await new Promise((resolve) => {
      socket.once('connect', resolve);
      socket.once('error', resolve);
    });
    return new FuzzClient(socket);
  }

  async do(step: Exclude<Step, readonly ['wait', number]>): Promise<void> {
    switch (step[0]) {
      case 'send':
        if (this.#socket.writable) this.#socket.write(Buffer.from(step[2], 'latin1'));
        return;
      case 'put':
        if (this.#data?.writable) this.#data.write(Buffer.from(step[2], 'latin1'));
        return;
      case 'data':
        return this.#connect();
      case 'fin':
        this.#data?.end();
        return;
      case 'rst':
        if (this.#data) cut(this.#data);
        return;
      case 'end':
        this.#socket.end();
        return;
      case 'cut':
        cut(this.#socket);
        return;
      case 'open':
        return;
    }
  }

  async until(reply: RegExp): Promise<void> {
    for (let tries = 0; !reply.test(this.text); tries += 1) {
      demand(tries < 1000, `no ${reply.source}: ${this.text.slice(-500)}`);
      await delay(10);
    }
    this.text = '';
  }

  /** With a reset: after a mere end the server lets a client read on for some seconds. */
  destroy(): void {
    cut(this.#socket);
    if (this.#data) cut(this.#data);
  }

  /** To the port that was told last; gives up soon where none is told. */
  async #connect(): Promise<void> {
    let port = 0;
    for (let tries = 0; tries < PORT_TRIES && port === 0; tries += 1) {
      const [, extended, high = '', low = ''] =
        [...this.text.matchAll(/^229 .*\|\|\|(\d+)\||^227 .*,(\d+),(\d+)\)/gm)].at(-1) ?? [];
      port = extended === undefined ? Number(high) * 256 + Number(low) : Number(extended);
      if (port === 0) await delay(2);
    }
    if (port === 0 || this.#socket.localAddress === undefined) return;
    const data = connect({ port, host: '127.0.0.1', noDelay: true, localAddress: this.#socket.localAddress });
    data.on('error', ignore);
    data.resume();
    this.#data = data;
  }
}

/** Node would leave a socket open for ever that is reset after its end. */
function cut(socket: Socket): void {
  if (socket.writable) socket.resetAndDestroy();
  else socket.destroy();
}

function ignore(): void {}
