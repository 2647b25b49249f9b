import { DIGEST_ENTRIES_MAX, LINK_ITEMS_MAX, type LinkMessageOf } from '../../../../shared/contract/link.ts';
import { digestOf } from '../../core/tree-digest.ts';
import type { LinkSession } from '../../link/link-session.ts';
import type { NotifiedSite } from './notified-site.ts';

/** A page is read no sooner after the one before: a mirror that asks without end does not keep the master from its work. */
const PACE_MILLIS = 20;

type Question = LinkMessageOf<'digestWanted'> | LinkMessageOf<'entriesWanted'>;

/** Answers what one mirror asks about the index, one question at a time; what it asks before it has the answer is passed over. */
export class IndexAnswers {
  readonly #session: LinkSession;
  readonly #site: (name: string) => NotifiedSite | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(session: LinkSession, site: (name: string) => NotifiedSite | undefined) {
    this.#session = session;
    this.#site = site;
  }

  ask(question: Question): void {
    this.#timer ??= setTimeout(() => this.#answerWhenDrained(question), PACE_MILLIS);
  }

  /** Idempotent. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /** A mirror that asks and does not read costs one page. */
  #answerWhenDrained(question: Question): void {
    void this.#session.drained().then(() => {
      this.#timer = undefined;
      if (!this.#session.closed) this.#answer(question);
    });
  }

  #answer(question: Question): void {
    const site = this.#site(question.site);
    if (!site?.deliveries.subscription(this.#session.peer.id) || question.journal !== site.journal.id) return;
    // The index is ahead of the tree, and may be taken back.
    if (!site.journal.settled) return this.ask(question);
    if (question.type === 'digestWanted') this.#digest(site, question);
    else this.#entries(site, question);
  }

  #digest({ journal, router, name }: NotifiedSite, { after }: LinkMessageOf<'digestWanted'>): void {
    const { peer } = this.#session;
    const rows = journal.index.bareBetween(after, null, DIGEST_ENTRIES_MAX);
    const told = router ? rows.filter(({ path }) => router(path, peer.name)) : rows;
    this.#session.send({
      type: 'digestPage',
      site: name,
      journal: journal.id,
      seq: journal.head,
      after,
      through: rows.at(-1)?.path ?? after,
      last: rows.length < DIGEST_ENTRIES_MAX,
      digest: digestOf(told, (folder) => journal.index.hasBelow(folder)),
    });
  }

  #entries({ journal, router, name }: NotifiedSite, { after, through }: LinkMessageOf<'entriesWanted'>): void {
    const { peer } = this.#session;
    const rows = journal.index.bareBetween(after, through, LINK_ITEMS_MAX);
    this.#session.send({
      type: 'entriesPage',
      site: name,
      journal: journal.id,
      seq: journal.head,
      after,
      through: rows.at(-1)?.path ?? after,
      entries: router ? rows.filter(({ path }) => router(path, peer.name)) : rows,
      last: rows.length < LINK_ITEMS_MAX,
    });
  }
}
