import type { KeyObject } from 'node:crypto';
import type { Socket } from 'node:dgram';
import type { Logger } from '../../ports.ts';
import { systemCode } from '../../tree/file-error.ts';
import { type Rate, TokenBucket } from '../token-bucket.ts';
import {
  type Announcement,
  isSignedBy,
  open,
  readAnnouncement,
  readEnvelope,
  type SiteSeal,
  siteSeal,
} from './datagram.ts';
import {
  GroupSocket,
  type GroupSocketRole,
  type MulticastState,
  SOCKET_TIMES,
  type SocketTimes,
} from './group-socket.ts';
import type { MulticastGroup, Reach } from './group.ts';
import { ReplayWindow } from './replay-window.ts';

export interface ReceiverOptions {
  readonly group: MulticastGroup;
  /** Each announcement once, in whatever order it comes, after it has been proved to be the master's. */
  readonly onAnnouncement: (site: string, announcement: Announcement) => void;
  readonly logger: Logger;
  /** A steady clock, milliseconds. */
  readonly now?: () => number;
  readonly signatureRate?: Rate;
  readonly times?: SocketTimes;
}

/** What a mirror was given through the link. */
export interface SiteKeys {
  /** `SECRET_BYTES`. */
  readonly secret: Buffer;
  /** Of the master's pinned certificate. */
  readonly verifyKey: KeyObject;
}

/** A signature takes some 0.1 ms to check: whoever has the secret may take a fifth of a core, nobody more. */
const SIGNATURE_RATE: Rate = { burst: 1000, perSecond: 2000 };

/** Datagrams wait here while one is verified: room for a burst of changes. The system may give less. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** What became of the datagrams that came. */
export interface ReceiverCounts {
  readonly delivered: number;
  /** Of no site that is followed: another site, another master, or rubbish. */
  readonly foreign: number;
  readonly replayed: number;
  /** Damaged, or made without the secret. */
  readonly unsealed: number;
  /** More signatures than are checked in that time. */
  readonly limited: number;
  /** Made with the secret, and not by the master: by another mirror, then. */
  readonly forged: number;
  /** The master's, and not understood: of another version. */
  readonly unknown: number;
}

export type ReceiverStats = ReceiverCounts & { readonly state: MulticastState };

interface Followed extends SiteKeys {
  readonly site: string;
  readonly seal: SiteSeal;
  readonly window: ReplayWindow;
}

/** Hears what masters announce to one group. What is announced while the group cannot be heard comes through the link. */
export class MulticastReceiver {
  readonly #options: ReceiverOptions;
  readonly #now: () => number;
  readonly #group: GroupSocket;
  readonly #signatures: TokenBucket;
  readonly #byTag = new Map<string, Followed>();
  readonly #counts: Record<keyof ReceiverCounts, number> = {
    delivered: 0,
    foreign: 0,
    replayed: 0,
    unsealed: 0,
    limited: 0,
    forged: 0,
    unknown: 0,
  };

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#signatures = new TokenBucket(options.signatureRate ?? SIGNATURE_RATE, this.#now());
    this.#group = new GroupSocket(options.group, this.#role(), options.logger, options.times ?? SOCKET_TIMES);
  }

  start(): void {
    this.#group.start();
  }

  /** From now on with these keys. The same keys again change nothing: what was heard stays heard. */
  follow(site: string, keys: SiteKeys): void {
    const seal = siteSeal(keys.secret);
    const before = this.#byTag.get(seal.tag);
    if (before?.site === site && before.secret.equals(keys.secret) && before.verifyKey.equals(keys.verifyKey)) return;
    this.unfollow(site);
    this.#byTag.set(seal.tag, { ...keys, site, seal, window: new ReplayWindow() });
  }

  unfollow(site: string): void {
    for (const [tag, followed] of this.#byTag) if (followed.site === site) this.#byTag.delete(tag);
  }

  get stats(): ReceiverStats {
    return { state: this.#group.state, ...this.#counts };
  }

  /** Idempotent. Nothing is delivered once it has been called. */
  async stop(): Promise<void> {
    this.#byTag.clear();
    await this.#group.stop();
  }

  /** One datagram, from anyone: the cheap checks first. */
  #hear(bytes: Buffer): void {
    const envelope = readEnvelope(bytes);
    const followed = envelope && this.#byTag.get(envelope.tag);
    if (envelope === undefined || followed === undefined) return this.#count('foreign');
    if (!followed.window.allows(envelope)) return this.#count('replayed');
    const opened = open(envelope, followed.seal);
    if (opened === undefined) return this.#count('unsealed');
    if (!this.#signatures.take(this.#now())) return this.#count('limited');
    if (!isSignedBy(opened, followed.verifyKey)) return this.#count('forged');
    followed.window.take(envelope);
    const announcement = readAnnouncement(opened);
    if (announcement === undefined) return this.#count('unknown');
    this.#count('delivered');
    this.#options.onAnnouncement(followed.site, announcement);
  }

  #count(outcome: keyof ReceiverCounts): void {
    this.#counts[outcome] += 1;
  }

  #role(): GroupSocketRole {
    const { address: group, port } = this.#options.group;
    return {
      // Bound to the group, a socket hears that group alone; Windows does not know this.
      bind: ({ address }) => (process.platform === 'win32' ? { port } : { port, address }),
      attach: (socket, { via }) => socket.addMembership(group, via),
      renew: (socket, reach) => isMember(socket, group, reach),
      onOpen: (socket) => {
        enlargeBuffer(socket);
        socket.on('message', (bytes) => this.#hear(bytes));
      },
      onClosed: () => undefined,
    };
  }
}

/**
 * The system tells only by refusing to let the socket in twice. Where it lets it in, the interface is another one, and the
 * socket is of no use: one that is bound to a link-local group hears nothing but the interface that it had.
 */
function isMember(socket: Socket, group: string, { via }: Reach): boolean {
  // What Windows answers to a member is not documented. An interface that was away for a while is noticed there too.
  if (process.platform === 'win32') return true;
  try {
    socket.addMembership(group, via);
    return false;
  } catch (error) {
    if (systemCode(error) === 'EADDRINUSE') return true;
    throw error;
  }
}

function enlargeBuffer(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch {
    // Some systems refuse what is above their limit; then it stays as it is.
  }
}
