import type { SitePath } from '../../../shared/domain/site-path.ts';
import { createPace } from '../core/pace.ts';
import type { Want } from '../core/want.ts';
import type { MirrorState } from '../store/mirror-state.ts';

/** What the mirror leaves out by now is not wanted any more, whatever was begun for it; what stands there stays as it is. */
export async function leaveOut(state: MirrorState, excludes: (path: SitePath) => boolean): Promise<void> {
  const wants: Want[] = [];
  const pace = createPace();
  for (const want of state.wants.all()) {
    if (excludes(want.path)) wants.push(want);
    await pace();
  }
  if (wants.length === 0) return;
  state.store.transaction(() => {
    for (const { path, part, transfer } of wants) {
      state.wants.drop(path);
      if (!part || state.transfers.isDone(transfer))
        state.transfers.update(transfer, {
          state: 'skipped',
          verdict: 'not-wanted',
          nextAttemptAt: null,
          error: null,
        });
    }
  });
}
