import type { ReactElement } from 'react';
import type { PeerStatus, Status } from '../../../shared/contract/status.ts';
import { waitingFor } from '../../../shared/domain/explain-peer.ts';
import { addressOf } from '../../stores/location.ts';
import { useText } from '../../i18n/use-text.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Checks } from '../checks/checks.tsx';
import { peerState, type Site } from '../../stores/peer-state.ts';
import { headlineOf } from './headline.ts';
import { JoinButton } from './join.tsx';
import { FollowLimits, MirrorLimits } from './limits-panel.tsx';
import { AllPaused, PauseButton } from './pause.tsx';
import { PeerFacts } from './peer-facts.tsx';
import { Reasons } from './reasons.tsx';
import { Unpair } from './unpair.tsx';

interface Props {
  status: Status;
  site: Site;
  peer: PeerStatus;
}

/** In step? What is behind, and why? When is it tried next? Then its limits, how it is reached, and who it is. */
export function PeerPage({ status, site, peer }: Props): ReactElement {
  const { t, format } = useText();
  const { role } = status.node;
  const now = useNow();
  const state = peerState(peer);
  const texts = t.mirrors.screen;
  const waiting = waitingFor(status.waiting, { role, site: site.name, peer: peer.name });
  const hasOthers = status.sites.some(
    ({ name, peers }) => name !== site.name && peers.some(({ id }) => id === peer.id),
  );
  return (
    <div className="page parts">
      <header className="headline-row whole">
        <h1 className="headline" aria-live="polite">
          <StateMark state={state} size={18} />
          {headlineOf({ peer, site, role, t, format, now })}
        </h1>
        <span className="headline-actions">
          {role === 'master' && <a href={addressOf('mirrors')}>{texts.all}</a>}
          <PauseButton site={site} peer={peer} role={role} />
        </span>
      </header>
      <AllPaused status={status} />
      <section className="panel whole" aria-labelledby="why-title">
        <div className="panel-head">
          <h2 id="why-title">{texts.why}</h2>
          {role === 'master' && (
            <a className="peer-history" href={addressOf('history', peer.name)}>
              {texts.seeHistory}
            </a>
          )}
        </div>
        <Reasons status={status} site={site} peer={peer} waiting={waiting} />
      </section>
      <div className="part">
        {role === 'master' ? <MirrorLimits peer={peer} /> : <FollowLimits site={site} peer={peer} />}
        <Checks key={peer.id} peer={peer.id} />
      </div>
      <PeerFacts site={site} peer={peer} role={role} version={status.node.version} />
      {role === 'mirror' && (
        <p className="peer-remove">
          <JoinButton />
        </p>
      )}
      <Unpair peer={peer} site={site} role={role} hasOthers={hasOthers} />
    </div>
  );
}
