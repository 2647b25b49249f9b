import type { DeepReport } from '../../../shared/contract/deep.ts';
import type { LinkMessageOf } from '../../../shared/contract/link.ts';
import type { DeepChecks } from '../deep/deep-checks.ts';
import type { LinkSession } from '../link/link-session.ts';
import type { MirrorSite } from './mirror-site.ts';

/** How often a master is told how the check stands that it has asked for. */
const TOLD_MILLIS = 1000;

/** Thorough checks that masters have asked for: they are told each second how a check stands, and how it ended. */
export class AskedChecks {
  readonly #checks: DeepChecks;
  /** By site: who hears of the check that is under way. */
  readonly #told = new Map<string, { readonly session: LinkSession; readonly over: Promise<void> }>();

  constructor(checks: DeepChecks) {
    this.#checks = checks;
  }

  ask(session: LinkSession, site: MirrorSite, how: LinkMessageOf<'checkWanted'>['how']): void {
    const { site: name } = site.follow;
    if (how === 'stop') return void this.#checks.cancel(name);
    const check = this.#checks.start(name, how === 'mend');
    const told = this.#told.get(name);
    if (told?.session === session && told.over === check.over) return;
    this.#told.set(name, { session, over: check.over });
    const tell = (): void => {
      const { journal } = site.state;
      if (journal !== null) session.send({ type: 'checkState', site: name, journal, ...verdictOf(check.report()) });
    };
    const timer = setInterval(() => (session.closed ? clearInterval(timer) : tell()), TOLD_MILLIS);
    void check.over.then(() => {
      clearInterval(timer);
      if (this.#told.get(name)?.over === check.over) this.#told.delete(name);
      tell();
    });
    tell();
  }
}

function verdictOf(report: DeepReport): Pick<LinkMessageOf<'checkState'>, 'state' | 'tally' | 'error'> {
  const { files, of, bytes, moving, mended, counts, differences, state, error, peers } = report;
  const tally = { files, of, bytes, moving, mended, counts, differences };
  const [compared] = peers;
  // All was read, but the two ends were not compared.
  const whole = state === 'done' && compared ? compared.state : state;
  const why = error ?? compared?.error;
  return { state: whole, tally, ...(why && { error: why }) };
}
