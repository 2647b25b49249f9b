import type { PublishJob } from '../../../shared/contract/publishing.ts';
import type { State } from '../../stores/peer-state.ts';

export function placeName({ to }: PublishJob): string {
  return to.kind === 'target' ? to.target : (to.site ?? '');
}

export function markOf({ state }: PublishJob): State {
  switch (state.is) {
    case 'queued':
    case 'cancelling':
      return 'waiting';
    case 'comparing':
    case 'sending':
    case 'committing':
      return 'working';
    case 'retrying':
      return 'held';
    case 'stopped':
      return 'failing';
    case 'done':
      return 'in-step';
    case 'cancelled':
      return 'unknown';
  }
}

/** Undefined: not known yet. Files of no bytes count too. */
export function shareOf({ files, bytes, state }: PublishJob): number | undefined {
  if (state.is === 'queued' || state.is === 'comparing') return undefined;
  const total = bytes.total + files.total;
  if (total === 0) return state.is === 'committing' ? 1 : undefined;
  return Math.min(1, (bytes.done + files.done) / total);
}
