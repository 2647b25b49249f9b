import type { PeerStatus, Status } from '../../shared/contract/status.ts';
import { type PeerStanding, peerStanding } from '../../shared/domain/peer-standing.ts';

/** States of a peer or of a change, each with its own colour, shape and word. */
export type State = 'in-step' | 'working' | 'waiting' | 'held' | 'failing' | 'away' | 'paused' | 'given-up' | 'unknown';

export type Site = Status['sites'][number];

export function peerState(peer: PeerStatus): State {
  return STATES[peerStanding(peer, Date.now())];
}

const STATES: Readonly<Record<PeerStanding, State>> = {
  paused: 'paused',
  unseen: 'unknown',
  away: 'away',
  contested: 'failing',
  held: 'held',
  failing: 'failing',
  changed: 'held',
  'in-step': 'in-step',
  waiting: 'waiting',
  behind: 'working',
};

/** All of a few; of many the most pressing, those that are not in step before the others. */
export function mostPressing(peers: readonly PeerStatus[], most: number): readonly PeerStatus[] {
  if (peers.length <= most) return peers;
  const troubled = peers.filter((peer) => peerState(peer) !== 'in-step');
  return [...new Set([...troubled, ...peers])].slice(0, most);
}

/** The state of a whole site: that of its worst peer; `unknown` where it has none, `failing` where nothing of it moves. */
export function siteState(site: Site): State {
  if (site.error) return 'failing';
  const states = site.peers.map(peerState);
  return worstFirst.find((state) => states.includes(state)) ?? 'unknown';
}

const worstFirst: readonly State[] = [
  'failing',
  'held',
  'away',
  'waiting',
  'working',
  'paused',
  'given-up',
  'unknown',
  'in-step',
];
