import type { Content, Millis } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';

/** What a path should hold. */
export type Target = ({ readonly kind: 'file' } & Content) | { readonly kind: 'dir' } | { readonly kind: 'gone' };

/** Why work on a want rests: `failed` until `nextAt` (null: for a person), `guarded` until the catch-up is complete, `held` for a person. */
export type WantState = 'queued' | 'failed' | 'guarded' | 'held';

/** What a path should hold and does not yet (SPEC §6): at most one a path, the newest. */
export interface Want {
  readonly path: SitePath;
  readonly target: Target;
  readonly seq: number;
  readonly transfer: number;
  /** The transfer has other wants too (a rename that was taken apart). */
  readonly part: boolean;
  readonly state: WantState;
  readonly attempts: number;
  readonly nextAt: Millis | null;
  readonly error: ErrorJson | null;
  readonly since: Millis;
}
