import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { onTestFinished } from 'vitest';
import type { Announcement } from '../../electron/engine/link/multicast/datagram.ts';
import { type MulticastGroup, multicastGroup } from '../../electron/engine/link/multicast/group.ts';
import { MulticastReceiver, type ReceiverOptions } from '../../electron/engine/link/multicast/receiver.ts';
import { MulticastSender, type SenderOptions } from '../../electron/engine/link/multicast/sender.ts';
import { silent } from './link-install.ts';
import { JOURNAL, newSecret, signingKeys } from './multicast-announcements.ts';
import { until } from './until.ts';

/** A group that no other test has, on this machine only. */
export function loopbackGroup(): MulticastGroup {
  return multicastGroup({ ...anyIPv4Group(), interface: '127.0.0.1' });
}

export function anyIPv4Group(): { group: string; port: number } {
  return { group: `239.255.${randomInt(256)}.${randomInt(1, 255)}`, port: randomInt(10_000, 30_000) };
}

/** An interface that can do IPv6. Groups of the scope `ff11` never leave the machine, whichever it is (RFC 4291 §2.7). */
export function ipv6Interface(): string | undefined {
  const found = Object.entries(networkInterfaces()).find(
    ([name, infos]) => name !== 'lo' && infos?.some(({ family, address }) => family === 'IPv6' && address !== '::1'),
  );
  return found?.[0];
}

/** A site as its master and its mirrors know it. */
export interface AnnouncedSite {
  readonly secret: Buffer;
  readonly signKey: SenderOptions['signKey'];
  readonly verifyKey: ReturnType<typeof signingKeys>['verifyKey'];
}

export function announcedSite(): AnnouncedSite {
  return { secret: newSecret(), ...signingKeys() };
}

/** Open, and stopped after the test. */
export async function startSender(
  group: MulticastGroup,
  { secret, signKey }: AnnouncedSite,
  options: Partial<SenderOptions> = {},
): Promise<MulticastSender> {
  const sender = new MulticastSender({
    group,
    secret,
    signKey,
    epoch: 1,
    journal: JOURNAL,
    head: 0,
    logger: silent,
    ...options,
  });
  onTestFinished(() => sender.stop());
  sender.start();
  await until(() => sender.stats.state.kind === 'open', 'the sender is open');
  return sender;
}

export interface TestReceiver {
  readonly receiver: MulticastReceiver;
  /** All that was delivered, in the order in which it was. */
  readonly heard: { readonly site: string; readonly announcement: Announcement }[];
  /** Those of them that are not heads: those come by the clock. */
  readonly changes: () => Announcement[];
}

/** Open, and stopped after the test. */
export async function startReceiver(
  group: MulticastGroup,
  sites: Readonly<Record<string, AnnouncedSite>>,
  options: Partial<ReceiverOptions> = {},
): Promise<TestReceiver> {
  const heard: TestReceiver['heard'] = [];
  const receiver = new MulticastReceiver({
    group,
    logger: silent,
    onAnnouncement: (site, announcement) => heard.push({ site, announcement }),
    ...options,
  });
  onTestFinished(() => receiver.stop());
  for (const [site, keys] of Object.entries(sites)) receiver.follow(site, keys);
  receiver.start();
  await until(() => receiver.stats.state.kind === 'open', 'the receiver is open');
  return {
    receiver,
    heard,
    changes: () => heard.map(({ announcement }) => announcement).filter(({ kind }) => kind !== 'head'),
  };
}

/** Why no datagram of a group comes back to this machine; undefined: it does. */
export async function whyNoMulticast(): Promise<string | undefined> {
  const { group, port } = anyIPv4Group();
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  try {
    socket.bind(port, group);
    await once(socket, 'listening');
    socket.addMembership(group, '127.0.0.1');
    socket.setMulticastInterface('127.0.0.1');
    socket.send('hello', port, group);
    await once(socket, 'message', { signal: AbortSignal.timeout(3_000) });
    return undefined;
  } catch (error) {
    return `multicast does not work on the loopback interface of this machine (${String(error)})`;
  } finally {
    socket.close();
  }
}
