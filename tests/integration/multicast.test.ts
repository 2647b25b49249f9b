import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { FollowedSite } from '../../electron/engine/link/multicast/followed-site.ts';
import { GapTracker } from '../../electron/engine/link/multicast/gap-tracker.ts';
import { type MulticastGroup, multicastGroup } from '../../electron/engine/link/multicast/group.ts';
import { type Announcement, seal, siteSeal } from '../../electron/engine/link/multicast/datagram.ts';
import { MulticastReceiver } from '../../electron/engine/link/multicast/receiver.ts';
import { MulticastSender } from '../../electron/engine/link/multicast/sender.ts';
import type { Change } from '../../shared/domain/change.ts';
import { referenceTo } from '../../shared/domain/reference.ts';
import { silent } from '../support/link-install.ts';
import { announcementOf, JOURNAL, mkdirOf, sitePathOf } from '../support/multicast-announcements.ts';
import { badNetwork, MulticastRelay } from '../support/multicast-relay.ts';
import {
  announcedSite,
  anyIPv4Group,
  ipv6Interface,
  loopbackGroup,
  startReceiver,
  startSender,
  whyNoMulticast,
} from '../support/multicast-sites.ts';
import { until } from '../support/until.ts';

const QUIET = { retry: { first: 20, longest: 50 }, renewMillis: 50, again: [], heartbeat: 60_000 };
/** As a sender that has been open for a while, without its repetitions. */
const quiet = { times: QUIET };

const whyNot = await whyNoMulticast();
if (whyNot !== undefined) console.warn(`skipped: ${whyNot}`);

/** Sends raw bytes to a group of this machine. */
async function rawSender({ address, port }: MulticastGroup): Promise<(bytes: Buffer) => Promise<void>> {
  const socket = createSocket('udp4');
  onTestFinished(() => new Promise((resolve) => void socket.close(() => resolve())));
  socket.bind(0);
  await once(socket, 'listening');
  socket.setMulticastInterface('127.0.0.1');
  return (bytes) =>
    new Promise((resolve, reject) => {
      socket.send(bytes, port, address, (error) => (error === null ? resolve() : reject(error)));
    });
}

test.skipIf(whyNot !== undefined)(
  'several receivers on one port hear every change once, and the head as the sender opens',
  async () => {
    const group = loopbackGroup();
    const site = announcedSite();
    const receivers = await Promise.all([1, 2, 3].map(() => startReceiver(group, { www: site })));
    const sender = await startSender(group, site, { ...quiet, head: 40 });
    for (let seq = 41; seq <= 60; seq += 1) sender.announce(mkdirOf(seq));
    sender.announceByLink(61);
    for (const { receiver, heard } of receivers) {
      await until(() => heard.length >= 22, 'all is heard');
      expect(heard).toEqual(
        [
          { kind: 'head', journal: JOURNAL, seq: 40 } as const,
          ...Array.from({ length: 20 }, (_, at) => announcementOf(mkdirOf(41 + at))),
          { kind: 'byLink', journal: JOURNAL, seq: 61 } as const,
        ].map((announcement) => ({ site: 'www', announcement })),
      );
      expect(receiver.stats).toEqual({
        state: { kind: 'open' },
        delivered: 22,
        foreign: 0,
        replayed: 0,
        unsealed: 0,
        limited: 0,
        forged: 0,
        unknown: 0,
      });
    }
    expect(sender.stats).toEqual({ state: { kind: 'open' }, sent: 22, lost: 0, tooLarge: 0 });
  },
);

test.skipIf(whyNot !== undefined)(
  'two sites share a group, and each mirror hears the one that it follows',
  async () => {
    const group = loopbackGroup();
    const [docs, www] = [announcedSite(), announcedSite()];
    const [both, one] = [await startReceiver(group, { docs, www }), await startReceiver(group, { docs })];
    const ofDocs = await startSender(group, docs, quiet);
    const ofWww = await startSender(group, www, quiet);
    ofDocs.announce(mkdirOf(1, 'docs'));
    ofWww.announce(mkdirOf(1, 'www'));
    ofDocs.announce(mkdirOf(2, 'end'));
    await until(() => both.changes().length === 3 && one.changes().length === 2, 'both are heard');
    const [first, second, third] = [mkdirOf(1, 'docs'), mkdirOf(1, 'www'), mkdirOf(2, 'end')].map((each) =>
      announcementOf(each),
    );
    expect(both.changes()).toEqual(expect.arrayContaining([first, second, third]));
    expect(one.changes()).toEqual([first, third]);
    expect(one.receiver.stats).toMatchObject({ delivered: 3, foreign: 2 });
  },
);

test.skipIf(whyNot !== undefined)('IPv6', async (context) => {
  const name = ipv6Interface();
  if (name === undefined) {
    console.warn('skipped: no interface of this machine but loopback has an IPv6 address');
    return context.skip('no interface has an IPv6 address');
  }
  const { port } = anyIPv4Group();
  const group = multicastGroup({ group: `ff11::7084:${port.toString(16)}`, port, interface: name });
  const site = announcedSite();
  const receivers = await Promise.all([1, 2].map(() => startReceiver(group, { www: site })));
  const sender = await startSender(group, site, quiet);
  sender.announce(mkdirOf(1));
  for (const { heard, changes } of receivers) {
    await until(() => heard.length >= 2, 'it is heard');
    expect(changes()).toEqual([announcementOf(mkdirOf(1))]);
  }
  expect(sender.stats).toEqual({ state: { kind: 'open' }, sent: 2, lost: 0, tooLarge: 0 });
});

test.skipIf(whyNot !== undefined)(
  'what is forged, replayed, damaged, of an older life of the sender, or rubbish is counted and not delivered',
  async () => {
    const group = loopbackGroup();
    const site = announcedSite();
    const { seal: ofSite, signKey } = { seal: siteSeal(site.secret), signKey: site.signKey };
    const { receiver, changes } = await startReceiver(group, { www: site });
    const send = await rawSender(group);
    const sealed = (epoch: number, counter: number, seq: number, key = signKey): Buffer =>
      seal(announcementOf(mkdirOf(seq)), ofSite, key, { epoch, counter }) ?? Buffer.alloc(0);
    const damaged = sealed(5, 3, 3);
    damaged.writeUInt8(damaged.readUInt8(90) ^ 1, 90);
    const first = sealed(5, 2, 1);
    for (const bytes of [
      first,
      first,
      sealed(5, 1, 2),
      sealed(4, 9, 66),
      sealed(5, 4, 66, announcedSite().signKey),
      damaged,
      Buffer.from('not a datagram of anyone'),
      Buffer.alloc(0),
      Buffer.alloc(1400, 1),
      sealed(5, 4, 3),
      sealed(6, 0, 4),
      sealed(5, 5, 66),
    ])
      await send(bytes);
    await until(() => receiver.stats.replayed === 3, 'the last is heard');
    expect(changes()).toEqual([1, 2, 3, 4].map((seq) => announcementOf(mkdirOf(seq))));
    expect(receiver.stats).toEqual({
      state: { kind: 'open' },
      delivered: 4,
      foreign: 3,
      replayed: 3,
      unsealed: 1,
      limited: 0,
      forged: 1,
      unknown: 0,
    });
  },
);

test.skipIf(whyNot !== undefined)(
  'a mirror that forges cannot make the others check signatures without end',
  async () => {
    const group = loopbackGroup();
    const site = announcedSite();
    const { receiver } = await startReceiver(group, { www: site }, { signatureRate: { burst: 3, perSecond: 0 } });
    const send = await rawSender(group);
    const { signKey } = announcedSite();
    for (let counter = 0; counter < 20; counter += 1)
      await send(
        seal(announcementOf(mkdirOf(1)), siteSeal(site.secret), signKey, { epoch: 1, counter }) ?? Buffer.alloc(0),
      );
    await until(() => receiver.stats.forged + receiver.stats.limited === 20, 'all are heard');
    expect(receiver.stats).toMatchObject({ delivered: 0, forged: 3, limited: 17 });
  },
);

test.skipIf(whyNot !== undefined)(
  'keys that are told again keep what was heard; new keys end the old ones',
  async () => {
    const group = loopbackGroup();
    const [before, after] = [announcedSite(), announcedSite()];
    const { receiver, changes } = await startReceiver(group, { www: before });
    const send = await rawSender(group);
    const sealed = (site: typeof before, counter: number): Buffer =>
      seal(announcementOf(mkdirOf(counter)), siteSeal(site.secret), site.signKey, { epoch: 1, counter }) ??
      Buffer.alloc(0);
    await send(sealed(before, 1));
    await until(() => receiver.stats.delivered === 1, 'the first is heard');
    receiver.follow('www', before);
    await send(sealed(before, 1));
    await until(() => receiver.stats.replayed === 1, 'the second is heard');
    receiver.follow('www', after);
    await send(sealed(before, 2));
    await send(sealed(after, 3));
    await until(() => receiver.stats.delivered === 2, 'the last is heard');
    receiver.unfollow('www');
    await send(sealed(after, 4));
    await until(() => receiver.stats.foreign === 2, 'nobody is listened to');
    expect(changes()).toEqual([1, 3].map((seq) => announcementOf(mkdirOf(seq))));
  },
);

function pageWith(seq: number, targets: readonly string[]): Change {
  const content = { size: 1, mtime: 0, sha256: '0'.repeat(64) };
  const refs = targets.map((target) => referenceTo(sitePathOf(target), false));
  return { op: 'put', seq, at: 0, path: sitePathOf('index.html'), ...content, refs };
}

test.skipIf(whyNot !== undefined)(
  'a page is told with its references where a datagram holds them; otherwise it goes by the link',
  async () => {
    const group = loopbackGroup();
    const site = announcedSite();
    const { changes } = await startReceiver(group, { www: site });
    const sender = await startSender(group, site, { times: { ...QUIET, again: [1] } });
    const gallery = pageWith(
      1,
      Array.from({ length: 90 }, (_, at) => `assets/gallery/photo-${at}.large.jpg`),
    );
    sender.announce(gallery);
    const names = pageWith(
      2,
      Array.from({ length: 90 }, (_, at) => createHash('sha256').update(`${at}`).digest('hex')),
    );
    sender.announce(names);
    await until(() => changes().length >= 3, 'all is told, the last twice');
    const byLink = { kind: 'byLink', journal: JOURNAL, seq: 2 };
    expect(changes()).toEqual([announcementOf(gallery), byLink, byLink]);
    expect(sender.stats).toMatchObject({ lost: 0, tooLarge: 1 });
  },
);

test.skipIf(whyNot !== undefined)(
  'of very many changes at once the newest is announced, and the link tells the others',
  async () => {
    const group = loopbackGroup();
    const site = announcedSite();
    const { changes } = await startReceiver(group, { www: site });
    const sender = await startSender(group, site, quiet);
    for (let seq = 1; seq <= 501; seq += 1) sender.announce(mkdirOf(seq));
    await until(() => changes().length > 0, 'the last is heard');
    expect(changes()).toEqual([announcementOf(mkdirOf(501))]);
    expect(sender.stats).toEqual({ state: { kind: 'open' }, sent: 2, lost: 500, tooLarge: 0 });
  },
);

test.skipIf(whyNot !== undefined)('the last change is told again, then the head', async () => {
  const group = loopbackGroup();
  const site = announcedSite();
  const { heard } = await startReceiver(group, { www: site });
  const sender = await startSender(group, site, { times: { ...QUIET, again: [5, 5], heartbeat: 10 } });
  sender.announce(mkdirOf(1));
  const head = { kind: 'head', journal: JOURNAL, seq: 1 };
  const told = (): Announcement[] =>
    heard.map(({ announcement }) => announcement).filter((each) => each.kind === 'change' || each.seq === 1);
  await until(() => told().length >= 5, 'the head is told twice');
  const change = announcementOf(mkdirOf(1));
  expect(told().slice(0, 5)).toEqual([change, change, change, head, head]);
});

test.skipIf(whyNot !== undefined)(
  'over a bad network all changes come in order, the lost ones through the link',
  async () => {
    const [from, to] = [loopbackGroup(), loopbackGroup()];
    const site = announcedSite();
    const CHANGES = 400;
    const journal = Array.from({ length: CHANGES }, (_, at) => mkdirOf(at + 1));
    const relay = await MulticastRelay.start(from, to, badNetwork(7084));
    onTestFinished(() => relay.stop());

    const told: Change[] = [];
    const asked: number[] = [];
    const followed = new FollowedSite({
      tracker: new GapTracker(JOURNAL, 0),
      onChanges: (changes) => told.push(...changes),
      onGap: ({ after, head }) => {
        asked.push(after);
        told.push(...journal.slice(after, head));
        followed.advance(head);
      },
    });
    onTestFinished(() => followed.stop());
    const { receiver } = await startReceiver(
      to,
      { www: site },
      { onAnnouncement: (_, announcement) => followed.hear(announcement) },
    );
    const sender = await startSender(from, site, { times: { ...QUIET, again: [20, 20], heartbeat: 50 } });
    for (const [at, change] of journal.entries()) {
      sender.announce(change);
      if (at % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until(() => told.length >= CHANGES, 'all is there');
    expect(told).toEqual(journal);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.length).toBeLessThan(CHANGES);
    expect(receiver.stats).toMatchObject({ foreign: 0, unsealed: 0, limited: 0, forged: 0, unknown: 0 });
    expect(receiver.stats.replayed).toBeGreaterThan(0);
  },
);

test.skipIf(whyNot !== undefined)(
  'an interface that is not there is waited for; nothing throws, and all can be stopped',
  async () => {
    const group = multicastGroup({ ...anyIPv4Group(), interface: 'nowhere0' });
    const site = announcedSite();
    const common = { group, logger: silent, times: QUIET };
    const sender = new MulticastSender({ ...common, ...site, epoch: 1, journal: JOURNAL, head: 0 });
    const receiver = new MulticastReceiver({ ...common, onAnnouncement: () => undefined });
    onTestFinished(() => Promise.all([sender.stop(), receiver.stop()]).then(() => undefined));
    sender.start();
    receiver.start();
    for (const side of [sender, receiver]) {
      await until(() => side.stats.state.kind === 'down', 'it is down');
      expect(side.stats.state).toMatchObject({ error: { code: 'multicast.interface' } });
    }
    sender.announce(mkdirOf(1));
    expect(sender.stats).toMatchObject({ sent: 0, lost: 1 });
    await Promise.all([sender.stop(), sender.stop(), receiver.stop()]);
    expect([sender.stats.state, receiver.stats.state]).toEqual([{ kind: 'stopped' }, { kind: 'stopped' }]);
    sender.announce(mkdirOf(2));
  },
);

test.skipIf(whyNot !== undefined)('what never started can be stopped', async () => {
  const group = loopbackGroup();
  const receiver = new MulticastReceiver({ group, logger: silent, onAnnouncement: () => undefined });
  await receiver.stop();
  expect(receiver.stats.state).toEqual({ kind: 'stopped' });
});
