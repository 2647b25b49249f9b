import type { KeyObject } from 'node:crypto';
import type { Socket } from 'node:dgram';
import type { Change, Millis } from '../../../../shared/domain/change.ts';
import type { Logger } from '../../ports.ts';
import { type Announcement, seal, type SiteSeal, siteSeal } from './datagram.ts';
import {
  GroupSocket,
  type GroupSocketRole,
  type MulticastState,
  SOCKET_TIMES,
  type SocketTimes,
} from './group-socket.ts';
import type { MulticastGroup, Reach } from './group.ts';

export interface SenderOptions {
  readonly group: MulticastGroup;
  /** `SECRET_BYTES` random bytes that the site's mirrors are given through their links; new with each sender. */
  readonly secret: Buffer;
  /** The master's identity: EC P-256. */
  readonly signKey: KeyObject;
  /** When this sender started; greater than that of any sender before it with the same secret. */
  readonly epoch: Millis;
  readonly journal: string;
  /** The journal's head as the sender starts. */
  readonly head: number;
  readonly logger: Logger;
  readonly times?: SenderTimes;
}

export interface SenderTimes extends SocketTimes {
  /** After the last change it is told again, so that its loss is noticed soon: after each of these, one after the other. */
  readonly again: readonly number[];
  /** Then the head is told for ever. */
  readonly heartbeat: number;
}

const SENDER_TIMES: SenderTimes = { ...SOCKET_TIMES, again: [50, 450], heartbeat: 10_000 };

/** A system that falls behind loses announcements rather than memory. */
const QUEUE_BYTES_MAX = 1024 * 1024;
/** Of more at once, as of a large release, only the newest is announced: the link tells many changes better. */
const BURST_MAX = 500;
/** Each is signed, which takes some 0.1 ms: other work goes on between two turns. */
const DATAGRAMS_A_TURN = 8;

export interface SenderStats {
  readonly state: MulticastState;
  /** Datagrams that the system took. */
  readonly sent: number;
  /** Announcements that it did not take, that came while the socket was down, or too many at once: the link has them. */
  readonly lost: number;
  /** Changes that were too large for a datagram and were announced without what they are. */
  readonly tooLarge: number;
}

/** Announces one site's changes to a group. Never throws for the network's sake: what is lost comes through the links. */
export class MulticastSender {
  readonly #options: SenderOptions;
  readonly #times: SenderTimes;
  readonly #seal: SiteSeal;
  readonly #group: GroupSocket;
  #open: { readonly socket: Socket; readonly address: string } | undefined;
  #counter = 0;
  #head: number;
  #last: Announcement;
  #timer: NodeJS.Timeout | undefined;
  readonly #queue: Announcement[] = [];
  #turn: NodeJS.Immediate | undefined;
  #sent = 0;
  #lost = 0;
  #tooLarge = 0;
  #isFailing = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#times = options.times ?? SENDER_TIMES;
    this.#seal = siteSeal(options.secret);
    this.#head = options.head;
    this.#last = this.#headNow();
    this.#group = new GroupSocket(options.group, this.#role(), options.logger, this.#times);
  }

  start(): void {
    this.#group.start();
  }

  /** After the change is committed to the journal, in the journal's order. */
  announce(change: Change): void {
    this.#announce(change.seq, { kind: 'change', journal: this.#options.journal, change });
  }

  /** A row of the journal that is no change: the mirrors have to ask for it. In the journal's order too. */
  announceByLink(seq: number): void {
    this.#announce(seq, { kind: 'byLink', journal: this.#options.journal, seq });
  }

  get stats(): SenderStats {
    return { state: this.#group.state, sent: this.#sent, lost: this.#lost, tooLarge: this.#tooLarge };
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    await this.#group.stop();
  }

  #announce(seq: number, announcement: Announcement): void {
    this.#head = seq;
    this.#last = announcement;
    // What is repeated comes after what is queued.
    clearTimeout(this.#timer);
    this.#queue.push(announcement);
    if (this.#open === undefined) this.#forget();
    else if (this.#queue.length > BURST_MAX) this.#forget(1);
    if (this.#queue.length > 0) this.#turn ??= setImmediate(() => this.#sendSome());
  }

  /** All that is queued but the newest `kept`. */
  #forget(kept = 0): void {
    const forgotten = this.#queue.splice(0, this.#queue.length - kept);
    this.#lost += forgotten.length;
  }

  #sendSome(): void {
    this.#turn = undefined;
    for (const announcement of this.#queue.splice(0, DATAGRAMS_A_TURN)) this.#send(announcement);
    if (this.#queue.length > 0) this.#turn = setImmediate(() => this.#sendSome());
    else this.#repeat(0);
  }

  #headNow(): Announcement {
    return { kind: 'head', journal: this.#options.journal, seq: this.#head };
  }

  /** The last change itself at first: whoever missed it needs no link then. */
  #repeat(times: number): void {
    clearTimeout(this.#timer);
    if (this.#open === undefined) return;
    const delay = this.#times.again[times];
    this.#timer = setTimeout(() => {
      this.#send(delay === undefined ? this.#headNow() : this.#last);
      this.#repeat(times + 1);
    }, delay ?? this.#times.heartbeat);
  }

  #send(announcement: Announcement): void {
    const open = this.#open;
    if (open === undefined || open.socket.getSendQueueSize() > QUEUE_BYTES_MAX) {
      this.#lost += 1;
      return;
    }
    open.socket.send(this.#sealed(announcement), this.#options.group.port, open.address, (error) => {
      if (error === null) {
        this.#sent += 1;
        this.#isFailing = false;
        return;
      }
      this.#lost += 1;
      if (!this.#isFailing) this.#options.logger.warn({ err: error }, 'multicast announcements are not sent');
      this.#isFailing = true;
    });
  }

  #sealed(announcement: Announcement): Buffer {
    const { signKey, epoch } = this.#options;
    const bytes = seal(announcement, this.#seal, signKey, { epoch, counter: this.#counter });
    if (bytes !== undefined) {
      this.#counter += 1;
      return bytes;
    }
    if (announcement.kind !== 'change') throw new Error(`a datagram does not hold ${JSON.stringify(announcement)}`);
    this.#tooLarge += 1;
    const { journal, change } = announcement;
    const byLink: Announcement = { kind: 'byLink', journal, seq: change.seq };
    if (announcement === this.#last) this.#last = byLink;
    return this.#sealed(byLink);
  }

  #role(): GroupSocketRole {
    const { family, ttl } = this.#options.group;
    const attach = (socket: Socket, { via }: Reach): void => {
      socket.setMulticastTTL(ttl);
      // Mirrors on this machine hear it too.
      socket.setMulticastLoopback(true);
      if (via !== undefined) socket.setMulticastInterface(via);
      else if (family === 'udp4') socket.setMulticastInterface('0.0.0.0');
    };
    return {
      bind: () => ({ port: 0 }),
      attach,
      renew: (socket, reach) => {
        attach(socket, reach);
        return true;
      },
      onOpen: (socket, { address }) => {
        this.#open = { socket, address };
        this.#send(this.#headNow());
        this.#repeat(0);
      },
      onClosed: () => {
        this.#open = undefined;
        clearTimeout(this.#timer);
        clearImmediate(this.#turn);
        this.#turn = undefined;
        this.#forget();
      },
    };
  }
}
