import type { CallResult } from '../../../../shared/contract/calls.ts';

export type Link = CallResult<'link.list'>[number];
