import type { SitePath } from '../../../shared/domain/site-path.ts';

/** A rename that can be done as such: nothing below either name is under way. Decided in the inbox's transaction. */
export interface RenameOrder {
  readonly from: SitePath;
  readonly path: SitePath;
  readonly kind: 'file' | 'dir';
  readonly seq: number;
  readonly transfer: number;
}
