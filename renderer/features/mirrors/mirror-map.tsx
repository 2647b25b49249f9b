import type { ReactElement } from 'react';
import type { HistoryRow, PeerStatus } from '../../../shared/contract/status.ts';
import { addressOf } from '../../app/location.ts';
import { useText } from '../../i18n/use-text.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { behindBy, peerState, type Site } from '../overview/peer-state.ts';
import { usualLag } from './lag.ts';
import { edgePath, planMap } from './map-plan.ts';

const MARK = 12;
/** Between a node's middle and the end of its line. */
const GAP = 14;

interface Props {
  node: string;
  site: Site;
  history: readonly HistoryRow[];
}

/** The master and its mirrors, with the lag on the lines. */
export function MirrorMap({ node, site, history }: Props): ReactElement {
  const { t } = useText();
  const { width, height, master, mirrors } = planMap(site.peers.length);
  return (
    <section className="panel mirrors-map" aria-labelledby="map-title">
      <div className="panel-head">
        <h2 id="map-title">{t.mirrors.screen.mapTitle}</h2>
      </div>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        height={height}
        role="group"
        aria-label={t.mirrors.screen.mapLabel}
      >
        {site.peers.map((peer, index) => {
          const place = mirrors[index];
          return (
            place && (
              <path
                key={peer.id}
                className={`map-edge state-${peerState(peer)}`}
                d={edgePath({ x: master.x + GAP, y: master.y }, { x: place.x - GAP, y: place.y })}
              />
            )
          );
        })}
        <circle className="map-master" cx={master.x} cy={master.y} r="7" />
        <text className="map-name" x={master.x - GAP} y={master.y} textAnchor="end">
          {node}
        </text>
        {site.peers.map((peer, index) => {
          const place = mirrors[index];
          return (
            place && (
              <Mirror
                key={peer.id}
                peer={peer}
                place={place}
                site={site}
                width={width}
                lag={usualLag(history, peer.name)}
              />
            )
          );
        })}
      </svg>
    </section>
  );
}

interface MirrorProps {
  peer: PeerStatus;
  place: { x: number; y: number };
  site: Site;
  /** Of the map. */
  width: number;
  lag: number | undefined;
}

function Mirror({ peer, place: { x, y }, site, width, lag }: MirrorProps): ReactElement {
  const { t, format } = useText();
  const state = peerState(peer);
  const behind = behindBy(peer, site.headSeq);
  const word =
    state === 'in-step'
      ? lag === undefined
        ? ''
        : format.duration(lag)
      : behind > 0
        ? t.mirrors.behindBy(format.number(behind), behind)
        : t.state[state];
  return (
    <a href={addressOf('mirrors', peer.name)}>
      <rect className="map-hit" x={x - GAP} y={y - 18} width={width - x + GAP} height="36" rx="6" />
      <text className="map-name" x={x + GAP} y={y}>
        {peer.name}
      </text>{' '}
      <svg
        role="img"
        aria-label={t.state[state]}
        x={x - MARK / 2}
        y={y - MARK / 2}
        width={MARK}
        height={MARK}
        overflow="visible"
      >
        <StateMark state={state} />
      </svg>{' '}
      {word !== '' && (
        <text
          className={state === 'in-step' ? 'map-lag' : `map-lag state-${state}`}
          x={x - GAP - 8}
          y={y - 8}
          textAnchor="end"
        >
          {word}
        </text>
      )}
    </a>
  );
}
