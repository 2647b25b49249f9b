import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import {
  type Announcement,
  isSignedBy,
  open,
  readAnnouncement,
  readEnvelope,
  seal,
  SECRET_BYTES,
  siteSeal,
} from '../../../electron/engine/link/multicast/datagram.ts';
import { ReplayWindow } from '../../../electron/engine/link/multicast/replay-window.ts';
import { linkMessage } from '../../../shared/contract/link.ts';
import { demand, type FuzzTarget } from '../target.ts';
import { mutateJson } from './json.ts';

/** Datagrams: bytes (latin1), or what is to be sealed by the master, by another mirror, or by who has no secret. */
type Datagram =
  | { readonly by: 'nobody'; readonly bytes: string }
  | {
      readonly by: 'master' | 'mirror' | 'stranger';
      readonly counter: number;
      readonly said: unknown;
      readonly flip: number;
    };

const journal = '0123456789abcdef0123456789abcdef';
const said: unknown[] = [
  { kind: 'head', journal, seq: 5 },
  { kind: 'byLink', journal, seq: 6 },
  { kind: 'change', journal, change: { op: 'mkdir', seq: 7, at: 1, path: 'd' } },
  {
    kind: 'change',
    journal,
    change: { op: 'put', seq: 8, at: 1, path: 'a/b.html', size: 1, mtime: 1, sha256: 'a'.repeat(64), refs: ['c'] },
  },
  { kind: 'change', journal, change: { op: 'rename', seq: 9, at: 1, path: 'b', from: 'a', kind: 'dir' } },
];

/** What everybody in the network can send to the group. Only the master's own words may be heard, each once. */
export const multicast: FuzzTarget<Datagram[]> = {
  name: 'multicast',
  shortRun: 200,
  generate: (random) =>
    random.times(6, (): Datagram => {
      if (random.chance(0.3)) return { by: 'nobody', bytes: random.bytes(random.pick([0, 10, 130, 1300])) };
      return {
        by: random.pick(['master', 'mirror', 'stranger'] as const),
        counter: random.below(random.pick([5, 2000, 2 ** 31])),
        said: mutateJson(random.pick(said), random, random.pick([0, 0.05, 0.2])),
        flip: random.chance(0.3) ? random.below(2 ** 31) : -1,
      };
    }),
  start: () => {
    const keys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const [master, mirror] = [keys(), keys()];
    const verifyKey = createPublicKey(master.privateKey);
    const site = siteSeal(Buffer.alloc(SECRET_BYTES, 1));
    const foreign = siteSeal(Buffer.alloc(SECRET_BYTES, 2));
    const hear = (bytes: Buffer, window: ReplayWindow): Announcement | undefined => {
      const envelope = readEnvelope(bytes);
      if (envelope === undefined || envelope.tag !== site.tag || !window.allows(envelope)) return undefined;
      const opened = open(envelope, site);
      if (opened === undefined || !isSignedBy(opened, verifyKey)) return undefined;
      window.take(envelope);
      return readAnnouncement(opened);
    };
    return Promise.resolve({
      attempt(datagrams) {
        const window = new ReplayWindow();
        const heard = new Set<number>();
        for (const datagram of datagrams) {
          if (datagram.by === 'nobody') {
            demand(hear(Buffer.from(datagram.bytes, 'latin1'), window) === undefined, 'rubbish was heard');
            continue;
          }
          const { by, counter, flip } = datagram;
          const bytes = seal(
            datagram.said as Announcement,
            by === 'stranger' ? foreign : site,
            by === 'mirror' ? mirror.privateKey : master.privateKey,
            { epoch: 1, counter },
          );
          if (bytes === undefined) continue;
          if (flip >= 0) {
            const at = flip % (bytes.length * 8);
            bytes.writeUInt8(bytes.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3);
          }
          const announcement = hear(bytes, window);
          if (announcement === undefined) continue;
          demand(by === 'master' && flip < 0, `${by} was heard, flip ${flip}`);
          demand(!heard.has(counter), 'the same was heard twice');
          heard.add(counter);
          if (announcement.kind !== 'change') continue;
          const notify = {
            type: 'notify',
            site: 'www',
            journal: announcement.journal,
            mode: 'live',
            items: [announcement.change],
            through: announcement.change.seq,
            headSeq: announcement.change.seq,
          };
          demand(linkMessage.safeParse(notify).success, 'a change that the link would refuse was heard');
        }
      },
      verify() {},
      stop: () => Promise.resolve(),
    });
  },
};
