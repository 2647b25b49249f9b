import { mustAskAtMirror } from '../core/delete-guard.ts';
import type { MirrorState } from '../store/mirror-state.ts';

/**
 * A catch-up or snapshot is complete: its deletes go ahead, or a person is asked where they are more than `share` of the files
 * (SPEC §4). `alone`: what is asked about holds up nothing else. Within a transaction. Returns the transfers that a person is asked about.
 */
export function decideGuarded(state: MirrorState, share: number, alone: boolean): readonly number[] {
  const guarded = state.wants.countInState('guarded');
  if (guarded === 0) return [];
  const files = state.files();
  // Folders go with what is in them: a person counts files.
  const gone = state.wants.countFilesInState('guarded');
  // What only gets another name is not lost: a folder that was renamed without FTP is told as files that come and go.
  const ask =
    mustAskAtMirror(gone, files, share) && (share === 0 || mustAskAtMirror(state.wants.countLost(), files, share));
  if (!ask) {
    state.store.run("UPDATE want SET state = 'queued', error = NULL WHERE site = ? AND state = 'guarded'", state.site);
    return [];
  }
  const error = { code: 'guard.held', params: { count: gone, of: files } } as const;
  const asked = state.wants.inState('guarded', guarded);
  const held = "UPDATE want SET state = 'held', error = ? WHERE site = ? AND state = 'guarded'";
  state.store.run(held, JSON.stringify(error), state.site);
  if (alone) state.store.run("UPDATE want SET release = NULL WHERE site = ? AND state = 'held'", state.site);
  return asked.map(({ transfer }) => {
    state.transfers.update(transfer, { state: 'held', error });
    return transfer;
  });
}
