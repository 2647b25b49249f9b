import type { ReactElement } from 'react';
import type { HistoryRow, PeerStatus, Status } from '../../../shared/contract/status.ts';
import { changesBehind, explainPeer, waitingFor } from '../../../shared/domain/explain-peer.ts';
import { addressOf, go } from '../../stores/location.ts';
import { useText } from '../../i18n/use-text.ts';
import { NameText } from '../../ui/name-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { peerState, type Site } from '../../stores/peer-state.ts';
import { usualLag } from './lag.ts';
import { usePeerTexts } from './peer-words.ts';

/** What the map shows, in words. */
export function MirrorTable({
  status,
  site,
  history,
}: {
  status: Status;
  site: Site;
  history: readonly HistoryRow[];
}): ReactElement {
  const { t, format } = useText();
  const texts = t.mirrors.screen;
  return (
    <section className="panel scroll-x">
      <table className="rows stacks mirrors-table" aria-label={texts.tableLabel}>
        <thead>
          <tr>
            <th scope="col">{texts.name}</th>
            <th scope="col">{texts.state}</th>
            <th scope="col" className="number">
              {texts.behind}
            </th>
            <th scope="col" className="number">
              {texts.lag}
            </th>
            <th scope="col">{texts.whyShort}</th>
          </tr>
        </thead>
        <tbody>
          {site.peers.map((peer) => {
            const state = peerState(peer);
            const lag = peer.lagMillis ?? usualLag(history, peer.name);
            return (
              // The link in it is what the keys and screen readers have.
              <tr key={peer.id} onClick={() => go('mirrors', peer.name)}>
                <td>
                  <a href={addressOf('mirrors', peer.name)}>
                    <NameText name={peer.name} />
                  </a>
                </td>
                <td>
                  <span className="mirrors-state">
                    <StateMark state={state} />
                    <span className={`state-${state}`}>{t.state[state]}</span>
                  </span>
                </td>
                <td className="number" data-name={texts.behind}>
                  {format.number(changesBehind(peer, site.headSeq))}
                </td>
                <td className="number" data-name={texts.lag}>
                  {lag === undefined ? <span className="dim">{texts.lagUnknown}</span> : format.duration(lag)}
                </td>
                <td className="mirrors-why">
                  <Why status={status} site={site} peer={peer} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** The first reason in a few words; its page tells the rest. */
function Why({ status, site, peer }: { status: Status; site: Site; peer: PeerStatus }): ReactElement | null {
  const now = useNow();
  const { role, version } = status.node;
  const { texts, words } = usePeerTexts(peer.name, role, now);
  const waiting = waitingFor(status.waiting, { role, site: site.name, peer: peer.name });
  const [first] = explainPeer({ peer, headSeq: site.headSeq, waiting, version }, now);
  if (first === undefined) return null;
  const text = texts.short(first, words);
  return <span title={texts.sentence(first, words)}>{text}</span>;
}
