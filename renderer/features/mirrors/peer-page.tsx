import { type ReactElement, useState } from 'react';
import type { PeerStatus, Status } from '../../../shared/contract/status.ts';
import { useBridge } from '../../app/bridge-context.ts';
import { addressOf, go } from '../../app/location.ts';
import type { Messages } from '../../i18n/en.ts';
import type { Format } from '../../i18n/format.ts';
import { useText } from '../../i18n/use-text.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { ErrorText } from '../../ui/error-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useTask } from '../../ui/use-task.ts';
import { behindBy, peerState, type Site } from '../overview/peer-state.ts';
import { WaitingEntry } from '../together/waiting/waiting-entry.tsx';
import { PeerFacts } from './peer-facts.tsx';

/** Of a few things that wait there each is shown; of many the rest is in the list of what waits. */
const SHOWN = 20;

interface Props {
  status: Status;
  site: Site;
  peer: PeerStatus;
}

/** In step? What is behind, and why? When is it tried next? Then how it is reached, and who it is. */
export function PeerPage({ status, site, peer }: Props): ReactElement {
  const { t, format } = useText();
  const { role } = status.node;
  const now = useNow();
  const state = peerState(peer);
  const texts = t.mirrors.screen;
  const waiting = status.waiting.filter(
    (item) => item.site === site.name && (role === 'mirror' ? item.peer === undefined : item.peer === peer.name),
  );
  return (
    <div className="page narrow">
      <header className="headline-row">
        <h1 className="headline" aria-live="polite">
          <StateMark state={state} size={18} />
          {headlineOf({ peer, site, role, t, format, now })}
        </h1>
        {role === 'master' && (
          <a className="peer-all" href={addressOf('mirrors')}>
            {texts.all}
          </a>
        )}
      </header>
      <section className="panel" aria-labelledby="why-title">
        <div className="panel-head">
          <h2 id="why-title">{texts.why}</h2>
          {role === 'master' && (
            <a className="peer-history" href={addressOf('history', peer.name)}>
              {texts.seeHistory}
            </a>
          )}
        </div>
        <Behind peer={peer} site={site} isOnlyThis={waiting.length === 0} />
        {waiting.length > 0 && (
          <ul className="needs-list">
            {waiting.slice(0, SHOWN).map((item) => (
              <WaitingEntry key={item.id} item={item} role={role} showSite={false} />
            ))}
          </ul>
        )}
        {waiting.length > SHOWN && (
          <p className="peer-line">
            <a href={addressOf('together', 'waiting')}>{t.together.tabs.waiting}</a>
          </p>
        )}
      </section>
      <PeerFacts site={site} peer={peer} role={role} />
      <Remove peer={peer} site={site} role={role} />
    </div>
  );
}

interface Headline {
  peer: PeerStatus;
  site: Site;
  role: 'master' | 'mirror';
  t: Messages;
  format: Format;
  now: number;
}

function headlineOf({ peer, site, role, t, format, now }: Headline): string {
  const texts = t.mirrors.screen;
  const { name, lastSeenAt, failing } = peer;
  const state = peerState(peer);
  switch (state) {
    case 'in-step':
      return role === 'mirror' ? t.headline.withMaster(name) : texts.inStep(name);
    case 'held':
      return texts.isHeld(name);
    case 'failing':
      return texts.isFailing(name, format.number(failing), failing);
    case 'away':
      return texts.isAway(name, format.ago(lastSeenAt ?? now, now));
    case 'unknown':
      return texts.neverSeen(name);
    default: {
      if (role === 'mirror') return t.headline.catchingUp(name);
      const behind = behindBy(peer, site.headSeq);
      return texts.behindBy(name, format.number(behind), behind);
    }
  }
}

/** What is missing without a reason of its own, and why the link is down. */
function Behind({ peer, site, isOnlyThis }: { peer: PeerStatus; site: Site; isOnlyThis: boolean }): ReactElement {
  const { t, format } = useText();
  const texts = t.mirrors.screen;
  const rest = behindBy(peer, site.headSeq) - peer.failing - peer.held;
  return (
    <>
      {peer.error !== undefined && (
        <p className="peer-line">
          <ErrorText error={peer.error} />
        </p>
      )}
      {rest > 0 && (
        <p className="peer-line">{(peer.connected ? texts.onItsWay : texts.whenBack)(format.number(rest), rest)}</p>
      )}
      {rest <= 0 && isOnlyThis && peer.error === undefined && <p className="peer-line dim">{texts.nothingBehind}</p>}
    </>
  );
}

function Remove({ peer, site, role }: { peer: PeerStatus; site: Site; role: 'master' | 'mirror' }): ReactElement {
  const { t } = useText();
  const texts = t.mirrors.screen;
  const bridge = useBridge();
  const [asks, setAsks] = useState(false);
  const { run, busy, refusal } = useTask(async () => {
    await bridge.call('peer.remove', { peer: peer.id });
    setAsks(false);
    go('mirrors');
  });
  const means = role === 'master' ? texts.removeMeans : texts.removeMasterMeans;
  return (
    <p className="peer-remove">
      <button type="button" className="button" onClick={() => setAsks(true)}>
        {role === 'master' ? texts.removeMirror : texts.removeMaster}
      </button>
      {asks && (
        <Confirm
          title={texts.askRemove(peer.name)}
          action={texts.remove}
          busy={busy}
          refusal={refusal}
          onConfirm={() => run()}
          onClose={() => setAsks(false)}
        >
          <p>{means(peer.name, site.name)}</p>
        </Confirm>
      )}
    </p>
  );
}
