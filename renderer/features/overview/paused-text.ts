import type { PeerStatus } from '../../../shared/contract/status.ts';
import type { Messages } from '../../i18n/en.ts';

/** At a mirror, of its master: who has paused the site. */
export function pausedText(t: Messages, { name, paused }: PeerStatus): string {
  return paused?.by === 'there' ? t.peer.pausedByMaster(name) : t.peer.thisIsPaused;
}
