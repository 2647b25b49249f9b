import type { Target } from '../../../shared/contract/publishing.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import { useCall } from '../../ui/use-call.ts';

export interface Targets {
  readonly list: readonly Target[];
  /** The list was read. */
  readonly isRead: boolean;
  readonly refusal: ErrorJson | undefined;
  /** After one was added, changed or removed. */
  again(): void;
}

const none: readonly Target[] = [];

/** The saved targets. They change by a person only. */
export function useTargets(): Targets {
  const { answer, again } = useCall('target.list', {});
  const refusal = answer.is === 'failed' ? answer.error : undefined;
  return { list: answer.value ?? none, isRead: answer.value !== undefined, refusal, again };
}
