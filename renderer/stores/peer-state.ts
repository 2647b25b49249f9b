import type { PeerStatus, Status } from '../../shared/contract/status.ts';

/** States of a peer or of a change, each with its own colour, shape and word. */
export type State = 'in-step' | 'working' | 'waiting' | 'held' | 'failing' | 'away' | 'paused' | 'given-up' | 'unknown';

export type Site = Status['sites'][number];

/** What a person should know of a peer first: what needs them, then what is missing, then that all is well. */
export function peerState(peer: PeerStatus): State {
  if (peer.paused) return 'paused';
  if (peer.held > 0) return 'held';
  if (!peer.connected) return peer.lastSeenAt === undefined ? 'unknown' : 'away';
  if (peer.failing > 0 || peer.error) return 'failing';
  if (peer.inStep) return peer.drifted === undefined ? 'in-step' : 'held';
  return isOutsideHours(peer) ? 'waiting' : 'working';
}

/** It has changes to fetch, and is not to fetch them now. */
function isOutsideHours({ conditions }: PeerStatus): boolean {
  return conditions?.opensAt !== undefined && conditions.opensAt > Date.now();
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
