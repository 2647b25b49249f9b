import { createPrivateKey, randomBytes } from 'node:crypto';
import type { MulticastConfig } from '../../../../shared/contract/config.ts';
import { SECRET_BYTES } from '../../link/multicast/datagram.ts';
import { multicastGroup } from '../../link/multicast/group.ts';
import { MulticastSender } from '../../link/multicast/sender.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { Journal } from '../../store/journal.ts';

export interface AnnouncerOptions {
  readonly config: MulticastConfig;
  readonly journal: Journal;
  /** PEM: the install's identity. */
  readonly key: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Changes read from the journal in one go. */
const BATCH = 250;
/** Of more at once, as of a large release, only the newest is announced: the rest is not even read. */
const BURST_MAX = 500;

/** Announces a site's changes by multicast as they are committed (SPEC §5). */
export class Announcer {
  readonly config: MulticastConfig;
  /** What mirrors are told over their links. */
  readonly secret: Buffer;
  readonly #journal: Journal;
  readonly #sender: MulticastSender;
  /** All up to here has been announced. */
  #seq: number;

  /** Throws `multicast.group`. */
  constructor({ config, journal, key, clock, logger }: AnnouncerOptions) {
    this.config = config;
    this.secret = randomBytes(SECRET_BYTES);
    this.#journal = journal;
    this.#seq = journal.head;
    this.#sender = new MulticastSender({
      group: multicastGroup(config),
      secret: this.secret,
      signKey: createPrivateKey(key),
      epoch: clock.now(),
      journal: journal.id,
      head: journal.head,
      logger,
    });
    this.#sender.start();
  }

  /** A change has been committed. */
  wake(): void {
    if (this.#journal.settled && this.#journal.head - this.#seq > BURST_MAX) this.#seq = this.#journal.head - 1;
    while (this.#journal.settled && this.#seq < this.#journal.head) {
      const rows = this.#journal.changesAfter(this.#seq, BATCH);
      if (rows.length === 0) this.#seq = this.#journal.head;
      for (const row of rows) {
        if (row.op === 'rules') this.#sender.announceByLink(row.seq);
        else this.#sender.announce(row);
        this.#seq = row.seq;
      }
    }
  }

  async stop(): Promise<void> {
    await this.#sender.stop();
  }
}
