import {
  BaseEdge,
  type Edge,
  EdgeLabelRenderer,
  type EdgeProps,
  getBezierPath,
  Handle,
  type Node,
  type NodeProps,
  Position,
} from '@xyflow/react';
import type { ReactElement } from 'react';
import type { PeerStatus } from '../../../shared/contract/status.ts';
import { addressOf } from '../../stores/location.ts';
import { useText } from '../../i18n/use-text.ts';
import { NameText } from '../../ui/name-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { Ago } from '../../ui/time.tsx';
import type { Machine } from './machines.ts';

export type MasterNode = Node<{ name: string }, 'master'>;
export type MirrorNode = Node<{ machine: Machine; side: 'left' | 'right' }, 'mirror'>;
/** `level`: how long the way is level at its end. */
export type WayEdge = Edge<{ machine: Machine; level: number }, 'way'>;

/** Nobody draws lines here: the places are where they end. */
function End({ id, type, position }: { id: string; type: 'source' | 'target'; position: Position }): ReactElement {
  return <Handle id={id} type={type} position={position} isConnectable={false} className="map-end" />;
}

export function MasterCard({ data: { name } }: NodeProps<MasterNode>): ReactElement {
  const { t } = useText();
  return (
    <div className="map-card map-first">
      <span className="map-card-name">
        <NameText name={name} />
      </span>
      <span className="dim">{t.role.master}</span>
      <End id="right" type="source" position={Position.Right} />
      <End id="left" type="source" position={Position.Left} />
    </div>
  );
}

export function MirrorCard({ data: { machine, side } }: NodeProps<MirrorNode>): ReactElement {
  const { name, peer, state, many } = machine;
  const { t, format } = useText();
  const address = peer === undefined ? addressOf('mirrors') : addressOf('mirrors', peer.name);
  return (
    <>
      <a className="map-card nodrag nopan" href={address}>
        <span className="map-card-name">
          {state !== undefined && <StateMark state={state} />}
          {many === undefined ? (
            <NameText name={name} />
          ) : (
            (machine.isAll ? t.map.all : t.map.many)(format.number(many))
          )}
        </span>{' '}
        {state !== undefined && (
          <span className={`map-card-state state-${state}`}>
            <Standing machine={machine} />
          </span>
        )}
      </a>
      <End id="end" type="target" position={side === 'right' ? Position.Left : Position.Right} />
    </>
  );
}

/** The state as a word, and how far it is behind. */
function Standing({ machine: { state = 'unknown', behind, peer } }: { machine: Machine }): ReactElement {
  const { t, format } = useText();
  return (
    <>
      {t.state[state]}
      {state === 'away' && peer?.lastSeenAt !== undefined ? (
        <>
          {' · '}
          <Ago at={peer.lastSeenAt} />
        </>
      ) : (
        behind > 0 && ` · ${t.score.missing(format.number(behind))}`
      )}
    </>
  );
}

/** The way to a mirror: how long a change takes, and what passes. */
export function Way(props: EdgeProps<WayEdge>): ReactElement {
  const { sourceX, sourceY, targetX, targetY, data } = props;
  const machine = data?.machine;
  const { bytesPerSecond = 0, changesPerSecond = 0 } = machine?.peer ?? {};
  const way = wayOf(props, data?.level ?? 0);
  const width = Math.min(4, 1.5 + 0.35 * Math.log10(1 + bytesPerSecond / 1000 + changesPerSecond));
  const state = machine?.state ?? 'unknown';
  const isOpen = machine?.many !== undefined || machine?.peer?.connected === true;
  return (
    <>
      <BaseEdge
        path={way.path}
        className={`map-way state-${state}${isOpen ? '' : ' is-open'}`}
        style={{ strokeWidth: width }}
        interactionWidth={0}
      />
      {machine?.moves && <path d={way.path} className="map-flow" style={{ strokeWidth: width + 1 }} />}
      {machine?.peer !== undefined && isOpen && way.level === 0 && (
        <EdgeLabelRenderer>
          <WayLabel
            peer={machine.peer}
            x={sourceX + (targetX - sourceX) * ON_CURVE.x}
            y={sourceY + (targetY - sourceY) * ON_CURVE.y}
          />
        </EdgeLabelRenderer>
      )}
    </>
  );
}

/** A place on the curve past its middle, where the ways are apart already: of its width, and of its height. */
const ON_CURVE = { x: 0.616, y: 0.718 };

/** A curve, and where the card stands behind others a level line between these. */
function wayOf(props: EdgeProps<WayEdge>, level: number): { path: string; level: number } {
  const { sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition } = props;
  const bend = targetX > sourceX ? targetX - level : targetX + level;
  const [curve] = getBezierPath({ sourceX, sourceY, targetX: bend, targetY, sourcePosition, targetPosition });
  return { path: level === 0 ? curve : `${curve} L ${targetX},${targetY}`, level };
}

function WayLabel({ peer, x, y }: { peer: PeerStatus; x: number; y: number }): ReactElement | null {
  const { t, format } = useText();
  const { lagMillis, roundTripMillis, bytesPerSecond = 0 } = peer;
  const parts = [
    ...(lagMillis === undefined ? [] : [format.duration(Math.round(lagMillis))]),
    ...(bytesPerSecond > 0 ? [t.map.perSecond(format.bytes(Math.round(bytesPerSecond)))] : []),
  ];
  if (parts.length === 0) return null;
  const trip =
    roundTripMillis === undefined ? undefined : t.map.roundTrip(format.duration(Math.round(roundTripMillis)));
  return (
    <span
      className="map-label number"
      title={trip}
      style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
    >
      {parts.join(' · ')}
    </span>
  );
}
