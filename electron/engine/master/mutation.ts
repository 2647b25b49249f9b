import type { Content, Unnumbered } from '../../../shared/domain/change.ts';
import type { Step } from '../tree/steps.ts';

/** What one call changes. */
export interface Mutation {
  /** Journalled first: what the index did not know. */
  readonly before?: readonly Unnumbered[];
  readonly change: Unnumbered;
  readonly keep?: { readonly step: Step; readonly content: Content };
  readonly steps: readonly Step[];
}
