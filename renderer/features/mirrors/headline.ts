import type { PeerStatus, Status } from '../../../shared/contract/status.ts';
import { changesBehind } from '../../../shared/domain/explain-peer.ts';
import { peerStanding } from '../../../shared/domain/peer-standing.ts';
import type { Messages } from '../../i18n/en.ts';
import type { Format } from '../../i18n/format.ts';
import type { Site } from '../../stores/peer-state.ts';

interface Headline {
  peer: PeerStatus;
  site: Site;
  role: Status['node']['role'];
  t: Messages;
  format: Format;
  now: number;
}

/** In one sentence, of the site that it is about. */
export function headlineOf({ peer, site, role, t, format, now }: Headline): string {
  const texts = t.mirrors.screen;
  const { name, lastSeenAt, failing } = peer;
  const standing = peerStanding(peer, now);
  switch (standing) {
    case 'in-step':
      return role === 'mirror' ? t.headline.withMaster(name) : texts.inStep(name);
    case 'paused':
      if (role === 'master') return t.peer.isPaused(name);
      return peer.paused?.by === 'there' ? t.peer.pausedByMaster(name) : t.peer.thisIsPaused;
    case 'waiting':
      return t.peer.waitsForHours(role === 'master' ? name : site.name);
    case 'contested':
      return texts.isContested(name);
    case 'changed':
    case 'held':
      return texts.isHeld(role === 'master' ? name : site.name);
    case 'failing':
      if (peer.stopped) return texts.isStopped(name);
      return texts.isFailing(role === 'master' ? name : site.name, format.number(failing), failing);
    case 'away':
      return texts.isAway(name, format.ago(lastSeenAt ?? now, now));
    case 'unseen':
      return texts.neverSeen(name);
    case 'behind': {
      if (role === 'mirror') return t.headline.catchingUp(name);
      const behind = changesBehind(peer, site.headSeq);
      return texts.behindBy(name, format.number(behind), behind);
    }
  }
}
