import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { WebSocket, WebSocketServer } from 'ws';
import { initNode } from '../../../electron/engine/install/init-node.ts';
import { createEngine, type Engine } from '../../../electron/engine/engine.ts';
import { type Identity, loadOrCreateIdentity } from '../../../electron/engine/link/identity.ts';
import { systemClock } from '../../../electron/engine/ports.ts';
import type { Random } from '../random.ts';
import { demand, type FuzzTarget } from '../target.ts';
import { mutateJson, nest } from './json.ts';
import { noSecrets } from '../../support/no-secrets.ts';

/** What a peer says that has been paired and then went bad, as a mirror to a master or the other way. */
interface Talk {
  readonly as: 'mirror' | 'master';
  /** Text as it is sent; `JOURNAL` stands for the journal of the site. */
  readonly messages: readonly string[];
  /** It reads nothing of what it is answered. */
  readonly deaf?: boolean;
}

const JOURNAL = 'JOURNAL';
const head = { site: 'www', journal: JOURNAL };
const content = { size: 3, mtime: 1e12, sha256: 'a'.repeat(64) };
const MESSAGES: Record<Talk['as'], readonly unknown[]> = {
  mirror: [
    {
      type: 'hello',
      protocol: 1,
      node: { name: 'm', role: 'mirror', version: '1' },
      now: 1,
      sites: [{ site: 'www', journal: JOURNAL, seq: 0 }],
    },
    { type: 'received', ...head, seq: 1 },
    { type: 'snapshotWanted', ...head, after: '' },
    {
      type: 'states',
      ...head,
      publishedSeq: 1,
      waiting: 0,
      failing: 0,
      held: 0,
      items: [{ seq: 1, path: 'a', state: 'published' }],
    },
    { type: 'waiting', ...head, items: [], total: 0 },
    { type: 'listening', ...head },
    { type: 'behind', ...head, seq: 1 },
    { type: 'releaseState', ...head, release: 1, state: 'ready', at: 1 },
    { type: 'ownConditions', site: 'www', conditions: {} },
    {
      type: 'hello',
      protocol: 1,
      node: { name: 'm', role: 'mirror', version: '1' },
      now: 1,
      understands: ['check', 'leave', 'drift', 'received'],
      sites: Array.from({ length: 20 }, () => ({ site: 'www', journal: JOURNAL, seq: 0 })),
    },
    { type: 'digestWanted', ...head, after: '' },
    { type: 'entriesWanted', ...head, after: '', through: null },
    { type: 'checkState', ...head, state: 'running' },
    { type: 'leave', site: 'other' },
    { type: 'bye', error: { code: 'link.stopped', params: {} } },
  ],
  master: [
    {
      type: 'hello',
      protocol: 1,
      node: { name: 'tokyo', role: 'master', version: '1' },
      now: 1,
      ftp: { port: 9, tls: 'required' },
      sites: [{ site: 'www', journal: JOURNAL, seq: 9 }],
    },
    {
      type: 'notify',
      ...head,
      mode: 'live',
      items: [{ op: 'mkdir', seq: 1, at: 1, path: 'd' }],
      through: 1,
      headSeq: 1,
    },
    {
      type: 'notify',
      ...head,
      mode: 'live',
      items: [{ op: 'put', seq: 2, at: 1, path: 'd/a', ...content }],
      through: 2,
      headSeq: 2,
    },
    {
      type: 'notify',
      ...head,
      mode: 'catch-up',
      items: [
        { op: 'delete', seq: 3, at: 1, path: 'd/a' },
        { op: 'rmdir', seq: 4, at: 1, path: 'd' },
      ],
      through: 4,
      headSeq: 9,
    },
    {
      type: 'notify',
      ...head,
      mode: 'live',
      items: [{ op: 'rename', seq: 5, at: 1, path: 'e', from: 'd', kind: 'dir' }],
      through: 5,
      headSeq: 5,
    },
    { type: 'rules', ...head, seq: 1, rules: { groups: [{ name: 'g', members: ['**'], rule: 'all' }], links: {} } },
    { type: 'releaseGo', ...head, release: 2 },
    { type: 'snapshotNeeded', ...head, seq: 9 },
    {
      type: 'snapshotPage',
      ...head,
      after: '',
      through: '',
      entries: [
        { kind: 'dir', path: 'f', seq: 1 },
        { kind: 'file', path: 'f/a', seq: 2, ...content },
      ],
      last: true,
    },
    {
      type: 'multicast',
      ...head,
      offer: { group: '239.1.2.3', port: 5000, secret: Buffer.alloc(32).toString('base64') },
    },
    { type: 'resolve', site: 'www', id: 'x', how: 'publish' },
    { type: 'conditions', conditions: { bytesPerSecond: 1e6 } },
    { type: 'checkWanted', ...head, how: 'look' },
    { type: 'checkWanted', ...head, how: 'mend' },
    { type: 'checkWanted', ...head, how: 'stop' },
    { type: 'digestPage', ...head, seq: 1, after: '', through: '', last: true, digest: 'a'.repeat(64) },
    {
      type: 'entriesPage',
      ...head,
      seq: 1,
      after: '',
      through: 'a',
      entries: [{ kind: 'file', path: 'a', seq: 1, ...content }],
      last: true,
    },
    { type: 'left', site: 'www' },
    { type: 'bye', error: { code: 'link.stopped', params: {} } },
  ],
};
const RAW = [
  '',
  'hello',
  'null',
  '{}',
  '[]',
  '{"type":"sudo"}',
  '\0',
  nest(100_000),
  `"${'x'.repeat(100_000)}"`,
  '{"type":"hello","type":"bye"}',
];

export const link: FuzzTarget<Talk> = {
  name: 'link',
  shortRun: 30,
  width: 8,
  generate(random) {
    const as = random.pick(['mirror', 'master'] as const);
    const [hello] = MESSAGES[as];
    const messages = [JSON.stringify(random.chance(0.9) ? hello : mutateJson(hello, random, 0.05))];
    for (let left = random.below(12); left > 0; left -= 1) messages.push(message(random, as));
    return random.chance(0.1) ? { as, messages, deaf: true } : { as, messages };
  },
  start: startLinks,
};

function message(random: Random, as: Talk['as']): string {
  if (random.chance(0.05)) return random.pick(RAW);
  const value = mutateJson(random.pick(MESSAGES[as]), random, random.pick([0, 0, 0.03, 0.1]));
  return JSON.stringify(value).replace(/"(seq|through|headSeq)":(\d)\b/g, (all, key: string) =>
    random.chance(0.3) ? `"${key}":${random.below(12)}` : all,
  );
}

async function startLinks(width: number) {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'lockstep-fuzz-'));
  await writeFile(join(folder, 'sentinel'), 'untouched');
  const bugs: string[] = [];
  const logger = pino({ level: 'error' }, { write: (text: string) => void bugs.push(text) });
  const ports = { clock: systemClock, logger, secrets: noSecrets };
  const at = { host: '127.0.0.1', port: 0 };

  /** A master and a mirror that are paired; both run. */
  const pair = async (name: string) => {
    const [masterData, mirrorData] = [join(folder, `${name}-master`), join(folder, `${name}-mirror`)];
    const [root, copy] = [join(folder, `${name}-www`), join(folder, `${name}-copy`)];
    await mkdir(root);
    await writeFile(join(root, 'a'), 'abc');
    await initNode(masterData, { role: 'master', name: 'tokyo', ftp: at, link: at, console: at });
    await initNode(mirrorData, { role: 'mirror', name: 'osaka', console: at });
    const master = await createEngine(ports, masterData);
    await master.call('site.add', { name: 'www', root, watch: false });
    const { code } = await master.call('pairing.invite', { site: 'www', expiresSeconds: 600 });
    const mirror = await createEngine(ports, mirrorData);
    await mirror.call('pairing.join', { code, root: copy, dial: 'mirror' });
    const identityOf = (data: string): Promise<Identity> => loadOrCreateIdentity(join(data, 'identity'));
    const status = await master.call('node.status', {});
    const journal = status.sites[0]?.journal ?? '';
    return {
      master,
      mirror,
      root,
      copy,
      journal,
      port: master.listeners().link?.port ?? 0,
      masterId: await identityOf(masterData),
      mirrorId: await identityOf(mirrorData),
    };
  };
  /** Each takes one case at a time, as a newer link takes the place of the older. */
  const lanes = await Promise.all(
    Array.from({ length: Math.ceil(width / 2) }, async (_, at) => {
      const first = await pair(`first-${at}`);
      await first.mirror.stop();
      const second = await pair(`second-${at}`);
      await second.master.stop();
      return { first, second, rogue: await rogueMaster(second.masterId, second.port) };
    }),
  );
  const free: Record<Talk['as'], (typeof lanes)[number][]> = { mirror: [...lanes], master: [...lanes] };
  const engines: Engine[] = lanes.flatMap(({ first, second }) => [first.master, second.mirror]);
  const names = (await readdir(folder)).sort().join(' ');

  const talk = async (
    { as, messages, deaf }: Talk,
    { first, second, rogue }: (typeof lanes)[number],
  ): Promise<void> => {
    const journal = as === 'mirror' ? first.journal : second.journal;
    const socket =
      as === 'mirror'
        ? await rogueMirror(first.port, first.mirrorId)
        : await rogue.next(() => second.mirror.call('peer.dial', { peer: 'tokyo' }));
    socket.on('error', () => {});
    if (deaf) socket.pause();
    for (const text of messages) {
      if (socket.readyState !== WebSocket.OPEN) break;
      socket.send(text.replaceAll(JOURNAL, journal));
      await delay(1);
    }
    await delay(10);
    socket.close();
    setTimeout(() => socket.terminate(), 200).unref();
    const bug = bugs.find((text) => JSON.parse(text).level >= 60 || text.includes('a bug'));
    demand(bug === undefined, `the engine found a bug: ${bug}`);
  };

  return {
    async attempt(input: Talk) {
      let lane = free[input.as].pop();
      for (; lane === undefined; lane = free[input.as].pop()) await delay(2);
      try {
        await talk(input, lane);
      } finally {
        free[input.as].push(lane);
      }
    },
    async verify() {
      for (const engine of engines) {
        const status = await engine.call('node.status', {});
        demand(status.sites.length === 1, 'the site is gone');
      }
      const now = (await readdir(folder)).sort().join(' ');
      demand(now === names, `files beside the sites: ${now}`);
      demand(
        (await readFile(join(folder, 'sentinel'), 'utf8')) === 'untouched',
        'a file outside the sites was changed',
      );
      for (const { first } of lanes) {
        demand((await readFile(join(first.root, 'a'), 'utf8')) === 'abc', 'a mirror has changed the site');
        demand((await readdir(first.root)).sort().join(' ') === '.lockstep a', 'a mirror has made files in the site');
      }
    },
    async stop() {
      for (const { rogue } of lanes) rogue.stop();
      await Promise.all(engines.map((engine) => engine.stop()));
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function rogueMirror(port: number, identity: Identity): Promise<WebSocket> {
  for (let tries = 0; ; tries += 1) {
    const socket = new WebSocket(`wss://127.0.0.1:${port}/link`, {
      key: identity.key,
      cert: identity.cert,
      rejectUnauthorized: false,
      agent: false,
    });
    const opened = await new Promise<boolean>((resolve) => {
      socket.once('open', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (opened) return socket;
    demand(tries < 200, 'the master does not take a link any more');
    await delay(50);
  }
}

/** Stands at a master's port with its key: each time the mirror dials, there is a socket. */
async function rogueMaster(identity: Identity, port: number) {
  const server = createServer({ key: identity.key, cert: identity.cert, requestCert: true, rejectUnauthorized: false });
  const sockets = new WebSocketServer({ server, path: '/link' });
  const waiting: WebSocket[] = [];
  sockets.on('connection', (socket) => {
    socket.on('error', () => {});
    waiting.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    /** `dial`: the mirror need not wait as long as it would after a link that failed. */
    async next(dial: () => Promise<unknown>): Promise<WebSocket> {
      for (let tries = 0; tries < 600; tries += 1) {
        const socket = waiting.shift();
        if (socket?.readyState === WebSocket.OPEN) return socket;
        if (socket === undefined) {
          if (tries % 10 === 0) await dial().catch(() => undefined);
          await delay(20);
        }
      }
      demand(false, 'the mirror does not dial any more');
      throw new Error('unreachable');
    },
    stop() {
      for (const client of sockets.clients) client.terminate();
      server.close();
      server.closeAllConnections();
    },
  };
}
