import type { ReactElement } from 'react';
import type { PeerStatus, WaitingItem } from '../../../shared/contract/status.ts';
import { canFetch } from '../../../shared/domain/peer-standing.ts';
import { changesBehind, changesShown, changesWaiting, waitingFor } from '../../../shared/domain/explain-peer.ts';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { NameText } from '../../ui/name-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Invite } from '../invite/invite.tsx';
import { addressOf } from '../../stores/location.ts';
import { mostPressing, peerState, type Site } from '../../stores/peer-state.ts';
import { pausedText } from './paused-text.ts';

/** The others are on the screen of the mirrors. */
const SHOWN = 10;

interface Props {
  readonly site: Site;
  readonly role: 'master' | 'mirror';
  readonly waiting: readonly WaitingItem[];
}

export function Peers({ site, role, waiting }: Props): ReactElement {
  const { t, format } = useText();
  const { peers } = site;
  return (
    <section className="panel" aria-labelledby="peers-title">
      <div className="panel-head">
        <h2 id="peers-title">{role === 'master' ? t.mirrors.title : t.mirrors.master}</h2>
        {peers.length > SHOWN && (
          <a className="peers-all" href={addressOf('mirrors')}>
            {t.mirrors.all(format.number(peers.length))}
          </a>
        )}
        {role === 'master' && <Invite key={site.name} site={site.name} small />}
      </div>
      <ul className="peers">
        {mostPressing(peers, SHOWN).map((peer) => (
          <Peer
            key={peer.id}
            peer={peer}
            headSeq={site.headSeq}
            role={role}
            waiting={changesWaiting(waitingFor(waiting, { role, site: site.name, peer: peer.name }))}
          />
        ))}
      </ul>
    </section>
  );
}

interface PeerProps {
  readonly peer: PeerStatus;
  readonly headSeq: number;
  readonly role: 'master' | 'mirror';
  /** Changes that wait for what belongs to them. */
  readonly waiting: number;
}

function Peer({ peer, headSeq, role, waiting }: PeerProps): ReactElement {
  const { t, format } = useText();
  const state = peerState(peer);
  const shown = changesShown(peer, headSeq);
  const share = headSeq === 0 ? 1 : shown / headSeq;
  const shownOf = t.mirrors.published(format.number(shown), format.number(headSeq));
  return (
    <li className="peer">
      <StateMark state={state} />
      <a className="peer-name" href={role === 'master' ? addressOf('mirrors', peer.name) : addressOf('mirrors')}>
        <NameText name={peer.name} />
      </a>
      <span className={`state-word state-${state}`}>{t.state[state]}</span>
      <span className="peer-detail">
        <PeerDetail peer={peer} headSeq={headSeq} role={role} waiting={waiting} />
      </span>
      <span className="peer-progress">
        {state === 'working' && (
          <meter
            aria-label={t.mirrors.publishedLabel}
            className={`bar state-${state}`}
            min={0}
            max={1}
            value={share}
            title={shownOf}
          />
        )}
        <span className="number">{shownOf}</span>
      </span>
    </li>
  );
}

/** The line that answers: what is missing there, and why? */
function PeerDetail({ peer, headSeq, role, waiting }: PeerProps): ReactElement {
  const { t, format } = useText();
  const now = useNow();
  const parts: string[] = [];
  // Whether there is more than it has a mirror does not know then.
  if (role === 'mirror' && peer.paused) parts.push(pausedText(t, peer));
  if (peer.held > 0) parts.push(t.mirrors.held(format.number(peer.held), peer.held));
  if (peer.failing > 0) parts.push(t.mirrors.failing(format.number(peer.failing), peer.failing));
  if (peer.drifted !== undefined) parts.push(t.mirrors.drifted(format.number(peer.drifted), peer.drifted));
  if (waiting > 0) parts.push(t.mirrors.waiting(format.number(waiting), waiting));
  const behind = changesBehind(peer, headSeq) - peer.failing - peer.held - waiting;
  if (behind > 0) {
    parts.push((canFetch(peer) ? t.mirrors.onTheWay : t.mirrors.behindBy)(format.number(behind), behind));
  }
  if (!peer.connected) {
    parts.push(
      peer.lastSeenAt === undefined ? t.mirrors.neverSeen : t.mirrors.lastSeen(format.ago(peer.lastSeenAt, now)),
    );
  }
  return (
    <>
      {parts.length === 0 ? t.mirrors.upToDate : parts.join(' · ')}
      {peer.error !== undefined && (
        <>
          {' · '}
          <ErrorText error={peer.error} />
        </>
      )}
    </>
  );
}
