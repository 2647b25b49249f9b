import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Announcement } from '../../electron/engine/link/multicast/datagram.ts';
import { GAP_LIMITS, GapTracker } from '../../electron/engine/link/multicast/gap-tracker.ts';
import type { Change } from '../../shared/domain/change.ts';
import { JOURNAL, mkdirOf, signingKeys } from '../support/multicast-announcements.ts';
import type { NodeOrders } from '../support/multicast-node.ts';
import { connect, NetNamespace, type Plug, type TalkingProcess, whyNoNamespaces } from '../support/net-namespace.ts';
import { until } from '../support/until.ts';

const script = fileURLToPath(new URL('../support/multicast-node.ts', import.meta.url));
const secret = randomBytes(32).toString('hex');
const key = signingKeys().signKey.export({ format: 'pem', type: 'pkcs8' }).toString();

const whyNot = await whyNoNamespaces();
if (whyNot !== undefined) console.warn(`skipped: ${whyNot}`);

async function start(namespace: NetNamespace, orders: NodeOrders): Promise<TalkingProcess> {
  const node = namespace.start(process.execPath, [script, JSON.stringify(orders)]);
  await until(() => node.said.includes('open') || node.hasEnded, `the ${orders.role} is open`);
  return node;
}

const heardBy = (node: TalkingProcess): Announcement[] =>
  node.said.filter((each): each is Announcement => typeof each === 'object');

const seqsHeardBy = (node: TalkingProcess): Set<number> =>
  new Set(heardBy(node).flatMap((each) => (each.kind === 'change' ? [each.change.seq] : [])));

const families = [
  { family: 'IPv4', near: '239.255.70.1', far: '239.255.70.2' },
  { family: 'IPv6, link-local', near: 'ff12::7084:1', far: 'ff12::7084:2' },
  { family: 'IPv6, site-local', near: 'ff15::7084:1', far: 'ff15::7084:2' },
];

test.skipIf(whyNot !== undefined).each(families)(
  '$family: through a network that loses, doubles and reorders, two mirrors have all in order, what was lost by the link',
  async ({ near, far }) => {
    const CHANGES = 300;
    const [master, middle, mirrors] = [await NetNamespace.make(), await NetNamespace.make(), await NetNamespace.make()];
    await connect([master, 'up0', '10.70.1.1/24', 'fd70:1::1/64'], [middle, 'in0', '10.70.1.2/24', 'fd70:1::2/64']);
    await connect([middle, 'out0', '10.70.2.1/24', 'fd70:2::1/64'], [mirrors, 'up0', '10.70.2.2/24', 'fd70:2::2/64']);
    const port = 7084;
    await start(middle, {
      role: 'relay',
      from: { group: near, port, interface: 'in0' },
      to: { group: far, port, interface: 'out0' },
      seed: 7,
    });
    const there: NodeOrders = { role: 'receiver', settings: { group: far, port, interface: 'up0' }, secret, key };
    const nodes = [await start(mirrors, there), await start(mirrors, there)];
    const sender = await start(master, {
      role: 'sender',
      settings: { group: near, port, interface: 'up0' },
      secret,
      key,
    });
    sender.tell({ from: 1, to: CHANGES });
    for (const node of nodes) {
      const isKnown = (each: Announcement): boolean => each.kind === 'head' && each.seq === CHANGES;
      await until(() => heardBy(node).some(isKnown), 'the end is known');
      const { told, asked } = repaired(heardBy(node), CHANGES);
      expect(told).toEqual(Array.from({ length: CHANGES }, (_, at) => mkdirOf(at + 1)));
      expect(asked).toBeGreaterThan(0);
      expect(seqsHeardBy(node).size).toBeGreaterThan(CHANGES / 2);
      expect(seqsHeardBy(node).size).toBeLessThan(CHANGES);
    }
  },
);

/** What a mirror makes of what it heard, an answer of the link coming at once. */
function repaired(heard: readonly Announcement[], changes: number): { told: Change[]; asked: number } {
  const tracker = new GapTracker(JOURNAL, 0);
  const told: Change[] = [];
  let asked = 0;
  for (const [at, announcement] of heard.entries()) {
    const now = at * GAP_LIMITS.allowance;
    told.push(...tracker.hear(announcement, now));
    const gap = tracker.takeGap(now);
    if (gap === undefined) continue;
    asked += 1;
    for (let seq = gap.after + 1; seq <= Math.min(gap.head, changes); seq += 1) told.push(mkdirOf(seq));
    told.push(...tracker.advance(gap.head, now));
  }
  return { told, asked };
}

test.skipIf(whyNot !== undefined).each([
  { family: 'IPv4', group: '239.255.70.3' },
  { family: 'IPv6', group: 'ff12::7084:3' },
])('$family: a cable that is pulled out and plugged in again is used again at both ends', async ({ group }) => {
  const [master, mirror] = [await NetNamespace.make(), await NetNamespace.make()];
  const plugs: [Plug, Plug] = [
    [master, 'up0', '10.70.1.1/24', 'fd70:1::1/64'],
    [mirror, 'up0', '10.70.1.2/24', 'fd70:1::2/64'],
  ];
  await connect(...plugs);
  const settings = { group, port: 7084, interface: 'up0' };
  const receiver = await start(mirror, { role: 'receiver', settings, secret, key });
  const sender = await start(master, { role: 'sender', settings, secret, key });
  sender.tell({ from: 1, to: 1 });
  await until(() => seqsHeardBy(receiver).has(1), 'the first is heard');
  await master.run('ip link delete up0');
  for (const node of [sender, receiver]) await until(() => node.said.includes('down'), 'it is down');
  sender.tell({ from: 2, to: 2 });
  await connect(...plugs);
  const openings = (node: TalkingProcess): number => node.said.filter((each) => each === 'open').length;
  for (const node of [sender, receiver]) await until(() => openings(node) === 2, 'it is open again');
  sender.tell({ from: 3, to: 3 });
  await until(() => seqsHeardBy(receiver).has(3), 'the third is heard');
});

test.skipIf(whyNot !== undefined).each([
  { family: 'IPv4', group: '239.255.70.4' },
  { family: 'IPv6', group: 'ff12::7084:4' },
])('$family: an interface that was replaced within a moment is noticed', async ({ group }) => {
  const [master, mirror] = [await NetNamespace.make(), await NetNamespace.make()];
  const plugs: [Plug, Plug] = [
    [master, 'up0', '10.70.1.1/24', 'fd70:1::1/64'],
    [mirror, 'up0', '10.70.1.2/24', 'fd70:1::2/64'],
  ];
  await connect(...plugs);
  const settings = { group, port: 7084, interface: 'up0' };
  const receiver = await start(mirror, { role: 'receiver', settings, secret, key });
  const sender = await start(master, { role: 'sender', settings, secret, key });
  await master.run('ip link delete up0');
  await connect(...plugs);
  for (let seq = 1; !seqsHeardBy(receiver).has(seq - 1); seq += 1) {
    sender.tell({ from: seq, to: seq });
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
});
