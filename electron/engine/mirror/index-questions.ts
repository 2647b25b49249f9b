import { setTimeout as sleep } from 'node:timers/promises';
import type { LinkMessage, LinkMessageOf } from '../../../shared/contract/link.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { LinkSession } from '../link/link-session.ts';

/** A master that does not answer for so long is not asked any more. */
const ANSWER_MILLIS = 30_000;

type Answer = LinkMessageOf<'digestPage'> | LinkMessageOf<'entriesPage'>;

/** Asks the master about its index over an open link: one question at a time. */
export class IndexQuestions {
  readonly #session: LinkSession;
  readonly #site: string;
  readonly #journal: string;
  #heard: ((answer: Answer) => void) | undefined;
  #lost: ((error: AppError) => void) | undefined;

  constructor(session: LinkSession, site: string, journal: string) {
    this.#session = session;
    this.#site = site;
    this.#journal = journal;
  }

  /** Rejects `link.lost`, `link.timeout`. */
  digest(after: SitePath | '', signal: AbortSignal): Promise<LinkMessageOf<'digestPage'>> {
    const question = { type: 'digestWanted', site: this.#site, journal: this.#journal, after } as const;
    return this.#ask(question, 'digestPage', after, signal);
  }

  entries(after: SitePath | '', through: SitePath | null, signal: AbortSignal) {
    const question = { type: 'entriesWanted', site: this.#site, journal: this.#journal, after, through } as const;
    return this.#ask(question, 'entriesPage', after, signal);
  }

  /** A message of the master that may be the answer. */
  hear(answer: Answer): void {
    this.#heard?.(answer);
  }

  /** The link is over. Idempotent. */
  close(): void {
    this.#lost?.(new AppError('link.lost', { peer: this.#session.peer.name }));
  }

  async #ask<T extends Answer['type']>(
    question: LinkMessage,
    type: T,
    after: string,
    signal: AbortSignal,
  ): Promise<Extract<Answer, { type: T }>> {
    signal.throwIfAborted();
    const done = new AbortController();
    try {
      const answered = new Promise<Extract<Answer, { type: T }>>((resolve, reject) => {
        this.#lost = reject;
        this.#heard = (answer) => {
          if (isOf(answer, type) && answer.journal === this.#journal && answer.after === after) resolve(answer);
        };
      });
      this.#session.send(question);
      if (this.#session.closed) this.close();
      const late = sleep(ANSWER_MILLIS, undefined, { signal: AbortSignal.any([signal, done.signal]) }).then(
        () => {
          throw new AppError('link.timeout', { peer: this.#session.peer.name });
        },
        () => {
          throw signal.aborted ? signal.reason : new AppError('cancelled');
        },
      );
      late.catch(() => undefined);
      return await Promise.race([answered, late]);
    } finally {
      done.abort();
      this.#heard = undefined;
      this.#lost = undefined;
    }
  }
}

function isOf<T extends Answer['type']>(answer: Answer, type: T): answer is Extract<Answer, { type: T }> {
  return answer.type === type;
}
