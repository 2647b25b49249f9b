import type { DeepPeer } from '../../../shared/contract/deep.ts';
import type { LinkMessageOf } from '../../../shared/contract/link.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { CheckOptions, Difference } from '../deep/checked-site.ts';
import type { CheckPlan, Outcome } from '../deep/deep-check.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import { mirrorPlan } from './check-plan.ts';
import { compareWithMaster } from './compare-with-master.ts';
import { HeardSince } from './heard-since.ts';
import { IndexQuestions } from './index-questions.ts';
import type { SiteParts } from './site-parts.ts';

export interface SiteCheckOptions {
  readonly site: string;
  readonly root: SiteRoot;
  readonly parts: SiteParts;
  /** The master of this link does. */
  readonly understands: (what: string) => boolean;
  /** All that the master has is known here. */
  readonly isCurrent: () => boolean;
}

/** The thorough check of a followed site, at this end. */
export class SiteCheck {
  readonly #options: SiteCheckOptions;
  /** While the two indexes are compared. */
  #questions: IndexQuestions | undefined;

  constructor(options: SiteCheckOptions) {
    this.#options = options;
  }

  /** An answer of the master. */
  hear(message: LinkMessageOf<'digestPage' | 'entriesPage'>): void {
    this.#questions?.hear(message);
  }

  /** The link is over. */
  close(): void {
    this.#questions?.close();
  }

  /** Reads all of it, and compares it with the master: see `DeepCheck`. `master`: its name. */
  plan(master: string): CheckPlan {
    const { root, parts } = this.#options;
    const { state, versions, excludes, publisher } = parts;
    let isCompared = false;
    return mirrorPlan({
      state,
      root,
      versions,
      excludes,
      isPending: (path) => publisher.isPending(path),
      peers: async (options, tell) => {
        tell([{ name: master, state: 'running' }]);
        const compared = await this.#compare(options);
        isCompared = compared.state === 'done';
        tell([{ name: master, ...compared }]);
      },
      seeTo: (differences, mend) => this.#seeTo(differences, mend),
      removals: [
        {
          is: ({ kind }) => kind === 'extra',
          isTooMuch: (count) => parts.drift.isTooMuch(count),
          // What this mirror does not know of the master may have, as long as the two are not compared.
          seeTo: async (differences) => (isCompared ? parts.drift.remove(differences.map(({ path }) => path)) : 0),
        },
        { is: ({ master: there }) => there === 'nothing', seeTo: async (differences) => this.#correct(differences) },
      ],
      over: () => {
        parts.receiver.heard = undefined;
      },
    });
  }

  /** Compares the two indexes over the link, if it is open and all is here that the master has told. */
  async #compare(options: CheckOptions): Promise<Pick<DeepPeer, 'state' | 'error'>> {
    const { parts, understands, isCurrent, site } = this.#options;
    const { state, excludes } = parts;
    const { session } = parts.teller;
    const { journal } = state;
    if (!session || session.closed) return { state: 'away' };
    if (!understands('check')) return { state: 'old' };
    if (journal === null || !isCurrent() || this.#questions) return { state: 'behind' };
    const questions = new IndexQuestions(session, site, journal);
    this.#questions = questions;
    parts.receiver.heard = new HeardSince();
    try {
      await compareWithMaster({ ...options, state, questions, excludes });
      return { state: 'done' };
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
      return error.code === 'link.lost' ? { state: 'away' } : { state: 'failed', error: error.toJSON() };
    } finally {
      this.#questions = undefined;
    }
  }

  async #seeTo(differences: readonly Difference[], mend: boolean): Promise<Outcome> {
    const seen = await this.#options.parts.drift.seeTo(differences, mend);
    return { mended: seen.mended + this.#correct(mend ? differences : []), kept: seen.kept };
  }

  /** And what was found goes on, and is told. */
  #correct(differences: readonly Difference[]): number {
    const { receiver, assembler, worker, teller } = this.#options.parts;
    const apart = differences.flatMap(({ path, master, asOf = 0 }) => (master ? [{ path, master, asOf }] : []));
    const wanted = receiver.correct(apart);
    assembler.look();
    worker.wake();
    teller.waits();
    return wanted;
  }
}
