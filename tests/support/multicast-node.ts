import { createPrivateKey, createPublicKey } from 'node:crypto';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { type GroupSettings, multicastGroup } from '../../electron/engine/link/multicast/group.ts';
import { MulticastReceiver } from '../../electron/engine/link/multicast/receiver.ts';
import { MulticastSender } from '../../electron/engine/link/multicast/sender.ts';
import { JOURNAL, mkdirOf } from './multicast-announcements.ts';
import { badNetwork, MulticastRelay } from './multicast-relay.ts';

/** One end, or the middle, of a multicast network, as a process: told and telling JSON, until its input ends. */
export type NodeOrders =
  | {
      readonly role: 'sender' | 'receiver';
      readonly settings: GroupSettings;
      readonly secret: string;
      readonly key: string;
    }
  | { readonly role: 'relay'; readonly from: GroupSettings; readonly to: GroupSettings; readonly seed: number | null };

const logger = pino({ level: 'silent' });
const times = { retry: { first: 50, longest: 100 }, renewMillis: 100, again: [30, 30], heartbeat: 200 };

const orders = JSON.parse(process.argv[2] ?? '') as NodeOrders;
const tell = (what: unknown): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
const stop = await start();
const lines = createInterface({ input: process.stdin });
await new Promise((resolve) => lines.once('close', resolve));
await stop();

async function start(): Promise<() => Promise<void>> {
  switch (orders.role) {
    case 'sender': {
      const { settings, secret, key } = orders;
      const sender = new MulticastSender({
        group: multicastGroup(settings),
        secret: Buffer.from(secret, 'hex'),
        signKey: createPrivateKey(key),
        epoch: Date.now(),
        journal: JOURNAL,
        head: 0,
        logger,
        times,
      });
      sender.start();
      setTimeout(() => whenOpen(sender), 10);
      process.nextTick(() =>
        lines.on('line', (line) => {
          const { from, to } = JSON.parse(line) as { from: number; to: number };
          // One after the other: where this process stands for a while, they do not come all at once afterwards.
          const announce = (seq: number): void => {
            sender.announce(mkdirOf(seq));
            if (seq < to) setTimeout(announce, 2, seq + 1);
          };
          announce(from);
        }),
      );
      return () => sender.stop();
    }
    case 'receiver': {
      const { settings, secret, key } = orders;
      const receiver = new MulticastReceiver({
        group: multicastGroup(settings),
        onAnnouncement: (_, announcement) => tell(announcement),
        logger,
        times,
      });
      receiver.follow('www', { secret: Buffer.from(secret, 'hex'), verifyKey: createPublicKey(createPrivateKey(key)) });
      receiver.start();
      whenOpen(receiver);
      return () => receiver.stop();
    }
    case 'relay': {
      const perfect = () => ({ copies: 1, late: 0 });
      const fate = orders.seed === null ? perfect : badNetwork(orders.seed);
      const relay = await MulticastRelay.start(multicastGroup(orders.from), multicastGroup(orders.to), fate);
      tell('open');
      return () => relay.stop();
    }
  }
}

/** Says 'open' and 'down' whenever that changes. */
function whenOpen(side: MulticastSender | MulticastReceiver, before = ''): void {
  const { kind } = side.stats.state;
  if (kind === 'stopped') return;
  if (kind !== before && kind !== 'opening') tell(kind);
  setTimeout(() => whenOpen(side, kind), 10);
}
