import type { Target } from '../../../shared/contract/publishing.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import { useCall } from '../../ui/use-call.ts';

export interface Targets {
  readonly list: readonly Target[];
  readonly refusal: ErrorJson | undefined;
  /** After one was added, changed or removed. */
  again(): void;
}

const none: readonly Target[] = [];

/** The saved targets. They change by a person only. */
export function useTargets(): Targets {
  const { answer, again } = useCall('target.list', {});
  return { list: answer.value ?? none, refusal: answer.is === 'failed' ? answer.error : undefined, again };
}
