import type { Millis } from '../../../shared/domain/change.ts';
import type { Target, Want } from '../core/want.ts';
import { GIVEN_UP_SEQ, isMasters, type MirrorState } from '../store/mirror-state.ts';
import { givenUp } from './waiting.ts';

/** The id under which the deletes that the guard holds are decided together. */
export const HELD_ID = 'deletes';

/**
 * Nothing is done for a want, by the word of a person. A version that stays in the place of a newer one is not fetched again: nobody
 * has it. What the master has deleted and stays here is no more the master's: it is as if somebody else had put it there. `together`: but
 * where it was given up with what belongs to it, all of that comes with the next whole index, so that nobody is shown a part.
 */
export function giveUp(
  state: MirrorState,
  { path, target, transfer }: Want,
  by: string,
  now: Millis,
  together = false,
): void {
  state.wants.drop(path);
  const entry = state.entry(path);
  if (target.kind === 'gone' && !together) state.dropEntry(path);
  else if (entry && isMasters(entry) && !isSameContent(entry, target)) state.setEntry(path, entry, GIVEN_UP_SEQ);
  state.transfers.update(transfer, givenUp(by, now));
}

/**
 * A person at the install `by` decided about what is held, or about the file that fails at the path `id`: it is tried again, or
 * given up. The wants that this was about, as they were.
 */
export function decideWants(
  state: MirrorState,
  id: string,
  how: 'publish' | 'discard',
  by: string,
  now: Millis,
): Want[] {
  const found =
    id === HELD_ID
      ? state.wants.inState('held', Number.MAX_SAFE_INTEGER)
      : state.wants.failing(Number.MAX_SAFE_INTEGER).filter((want) => want.path === id);
  if (found.length === 0) return found;
  state.store.transaction(() => {
    for (const want of found) {
      if (how === 'publish') {
        // What was only asked about has not failed.
        const error = want.state === 'held' ? null : want.error;
        state.wants.set({ ...want, state: 'queued', nextAt: null, error });
        state.transfers.update(want.transfer, { state: 'queued', nextAttemptAt: null, error });
      } else {
        giveUp(state, want, by, now);
      }
    }
  });
  return found;
}

function isSameContent(a: Target, b: Target): boolean {
  return a.kind === 'file' && b.kind === 'file' ? a.sha256 === b.sha256 : a.kind === b.kind;
}
