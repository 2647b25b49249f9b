import type { CallResult } from '../../../../shared/contract/calls.ts';

export type Group = CallResult<'group.list'>[number];
