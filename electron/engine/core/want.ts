import type { Content, Millis } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';

/** What a path should hold. */
export type Target = ({ readonly kind: 'file' } & Content) | { readonly kind: 'dir' } | { readonly kind: 'gone' };

/**
 * Why work on a want rests: `ready` until what belongs to it is here too, `failed` until `nextAt` (null: for a person),
 * `guarded` until the catch-up is complete, `held` for a person.
 */
export type WantState = 'queued' | 'ready' | 'failed' | 'guarded' | 'held';

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
  /** When what is published at the path was first overtaken. */
  readonly since: Millis;
  /** When the newest change of it was notified. */
  readonly changedAt: Millis;
  /** The release that it belongs to, by the seq of its last change. */
  readonly release: number | null;
  /** A person has said that it waits for nothing. */
  readonly forced: boolean;
  /** Of a file that is `ready`: its name in the staging folder; null: the content is in its place already. */
  readonly staged: string | null;
}
