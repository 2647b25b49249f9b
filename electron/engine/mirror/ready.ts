import type { Millis } from '../../../shared/domain/change.ts';
import type { Verdict } from '../../../shared/domain/verdict.ts';
import type { Want } from '../core/want.ts';

/** A want whose content is on this machine, and how it came here. */
export interface Ready {
  readonly want: Want;
  readonly verdict: Verdict;
  /** Name in the staging folder; null: nothing has to be put in place (dir, delete, or the file is there already). */
  readonly staged: string | null;
  /** It stands in its place, and that could not be noted yet. */
  readonly stands?: true;
  /** It was found in its place, as it was then. */
  readonly seen?: string;
  readonly fetchedAt?: Millis;
  readonly bytes?: number;
}
