import type { ReactElement } from 'react';
import type { HistoryRow } from '../../../shared/contract/status.ts';
import { addressOf, go } from '../../app/location.ts';
import { useText } from '../../i18n/use-text.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { Ago } from '../../ui/time.tsx';
import { behindBy, peerState, type Site } from '../overview/peer-state.ts';
import { usualLag } from './lag.ts';

/** What the map shows, in words. */
export function MirrorTable({ site, history }: { site: Site; history: readonly HistoryRow[] }): ReactElement {
  const { t, format } = useText();
  const texts = t.mirrors.screen;
  return (
    <section className="panel scroll-x">
      <table className="rows mirrors-table" aria-label={texts.tableLabel}>
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
            <th scope="col">{texts.lastHeard}</th>
          </tr>
        </thead>
        <tbody>
          {site.peers.map((peer) => {
            const state = peerState(peer);
            const lag = usualLag(history, peer.name);
            return (
              // The link in it is what the keys and screen readers have.
              <tr key={peer.id} onClick={() => go('mirrors', peer.name)}>
                <td>
                  <a href={addressOf('mirrors', peer.name)}>{peer.name}</a>
                </td>
                <td>
                  <span className="mirrors-state">
                    <StateMark state={state} />
                    <span className={`state-${state}`}>{t.state[state]}</span>
                  </span>
                </td>
                <td className="number">{format.number(behindBy(peer, site.headSeq))}</td>
                <td className="number">
                  {lag === undefined ? <span className="dim">{texts.lagUnknown}</span> : format.duration(lag)}
                </td>
                <td>
                  {peer.connected ? (
                    texts.now
                  ) : peer.lastSeenAt === undefined ? (
                    texts.never
                  ) : (
                    <Ago at={peer.lastSeenAt} />
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
