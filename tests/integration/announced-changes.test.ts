import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { aMirror } from '../support/a-pair.ts';
import { startMaster, type TestMaster, type TestMirror } from '../support/master-and-mirror.ts';
import { whyNoMulticast } from '../support/multicast-sites.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';

const LOOPBACK = '127.0.0.1';

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

const whyNot = await whyNoMulticast();
if (whyNot !== undefined) console.warn(`skipped: ${whyNot}`);

async function start(mirrors: number, routes: Parameters<typeof startMaster>[1] = []) {
  const multicast = { group: '239.255.41.7', port: await freeUdpPort(), interface: LOOPBACK, ttl: 0 };
  const master = await startMaster(await temporaryFolder(), routes, multicast);
  onTestFinished(() => master.stop());
  const all: TestMirror[] = [];
  for (let i = 0; i < mirrors; i += 1) {
    const mirror = await aMirror(`mirror-${i}`, { multicast: { interface: LOOPBACK } });
    mirror.connect(master);
    await mirror.inStep(master);
    all.push(mirror);
  }
  return { master, mirrors: all };
}

/** Until each mirror that is to hear announcements has heard one, and the master knows. */
async function listening({ master, mirrors }: { master: TestMaster; mirrors: readonly TestMirror[] }): Promise<void> {
  await master.put('first', 'first');
  for (const mirror of mirrors) await mirror.inStep(master);
  await until(() => mirrors.every(({ site, listens }) => !site.follow.multicast || listens()), 'they are heard');
}

test.skipIf(whyNot !== undefined)('what is announced needs no word over the link', async () => {
  const { master, mirrors } = await start(3);
  await listening({ master, mirrors });
  const before = mirrors.map(({ heard }) => heard.notify ?? 0);
  for (let i = 0; i < 20; i += 1) {
    await master.put(`f${i % 7}`, `${i}`);
    for (const mirror of mirrors) await mirror.inStep(master);
  }
  await master.rename('f0', 'g0');
  await master.remove('f1');
  for (const mirror of mirrors) {
    await mirror.inStep(master);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  }
  const told = mirrors.map(({ heard }, index) => (heard.notify ?? 0) - (before[index] ?? 0));
  // A datagram may be lost even here; what was told over the link then is far from 22 messages.
  expect(Math.max(...told)).toBeLessThan(8);
});

test.skipIf(whyNot !== undefined)('a mirror that hears nothing is told over the link, and gets all', async () => {
  const { master, mirrors } = await start(1);
  const deaf = await aMirror('deaf', { multicast: false });
  deaf.connect(master);
  await listening({ master, mirrors: [...mirrors, deaf] });
  for (let i = 0; i < 5; i += 1) await master.put(`f${i}`, `${i}`);
  await deaf.inStep(master);
  expect(await readTree(deaf.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test.skipIf(whyNot !== undefined)(
  'what is not routed to a mirror, what it leaves out and what no datagram holds come out right',
  async () => {
    const routes = [
      { glob: 'all/**', mirrors: 'all' as const },
      { glob: 'zero/**', mirrors: ['mirror-0'] },
    ];
    const { master, mirrors } = await start(2, routes);
    await master.rules({ links: { wait: false } });
    await master.mkdir('all');
    await master.mkdir('zero');
    await listening({ master, mirrors });
    const long = 'n'.repeat(200);
    await master.put('zero/a', 'a');
    await master.put('all/b', 'b');
    await master.mkdir(`all/${long}`);
    for (let depth = 1; depth < 7; depth += 1) await master.mkdir(`all/${`${long}/`.repeat(depth)}${long}`);
    await master.put(`all/${`${long}/`.repeat(7)}file`, 'deep');
    // The folder itself is not routed: it comes with what is in it, and stays.
    await mirrors[0]?.inStep(master);
    await master.rename('zero/a', 'all/a');
    await master.put(
      'all/page.html',
      Array.from({ length: 200 }, (_, i) => `<a href="b?${i}">b</a><a href="p${i}.html">`).join(),
    );
    for (const mirror of mirrors) await mirror.inStep(master);
    const tree = await readTree(master.rootFolder);
    const shared = Object.fromEntries(Object.entries(tree).filter(([path]) => path.startsWith('all/')));
    expect(await readTree(mirrors[1]?.rootFolder ?? '')).toEqual(shared);
    expect(Object.keys(await readTree(mirrors[0]?.rootFolder ?? ''))).toEqual(
      Object.keys(tree).filter((path) => path !== 'first'),
    );
  },
);
