import type { PeerStatus } from '../contract/status.ts';
import type { Millis } from './change.ts';

/**
 * How a peer stands, in one word. `unseen`: it was never connected. `contested`: it is, and something is wrong with the link. `held`: a
 * person decides. `changed`: in step, but for what others have changed there. `waiting`: it has changes to fetch, and is not to now.
 */
export type PeerStanding =
  | 'paused'
  | 'unseen'
  | 'away'
  | 'contested'
  | 'held'
  | 'failing'
  | 'changed'
  | 'in-step'
  | 'waiting'
  | 'behind';

/**
 * Of several the one that stands in the way of the others, in the order in which `explainPeer` gives its reasons: of a mirror that is away
 * nothing can be decided, so that it is away, whatever it holds.
 */
export function peerStanding(peer: PeerStatus, now: Millis): PeerStanding {
  if (peer.paused) return 'paused';
  if (!peer.connected) return peer.lastSeenAt === undefined ? 'unseen' : 'away';
  if (peer.error) return 'contested';
  if (peer.held > 0) return 'held';
  if (peer.failing > 0 || peer.stopped) return 'failing';
  if (peer.inStep) return peer.drifted === undefined ? 'in-step' : 'changed';
  const { opensAt } = peer.conditions ?? {};
  return opensAt !== undefined && opensAt > now ? 'waiting' : 'behind';
}

/** What it does not have yet is on its way, as far as is known here. */
export function canFetch({ connected, paused, stopped }: PeerStatus): boolean {
  return connected && !paused && !stopped;
}
