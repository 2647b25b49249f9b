import type { PeerStatus, Status } from '../../../shared/contract/status.ts';
import { changesBehind } from '../../../shared/domain/explain-peer.ts';
import { peerState, type Site, type State } from '../../stores/peer-state.ts';

/** A machine of the score. */
export interface Lane {
  readonly name: string;
  /** Under which its columns and deliveries stand; null: where the changes come from. */
  readonly key: string | null;
  readonly state: State | undefined;
  /** Nothing is known of it after; undefined: it is heard of now. */
  readonly openSince: number | undefined;
  /** What is not visible there, and why the most pressing of it is not. */
  readonly missing: number;
  readonly lagMillis: number | undefined;
}

/** The master above, its mirrors below; at a mirror its master and itself. */
export function lanesOf(node: Status['node'], site: Site): Lane[] {
  if (node.role === 'master') {
    const own = {
      name: node.name,
      key: null,
      state: undefined,
      openSince: undefined,
      missing: 0,
      lagMillis: undefined,
    };
    return [own, ...site.peers.map((peer) => laneOf(peer, peer.name, site))];
  }
  const [master] = site.peers;
  if (!master) return [];
  const { lastSeenAt = 0, connected } = master;
  const above = { name: master.name, key: null, state: undefined, openSince: connected ? undefined : lastSeenAt };
  return [
    { ...above, missing: 0, lagMillis: undefined },
    // What is missing here is known here, whether the master answers or not.
    { ...laneOf(master, node.name, site), openSince: undefined },
  ];
}

function laneOf(peer: PeerStatus, name: string, site: Site): Lane {
  return {
    name,
    key: name,
    state: peerState(peer),
    openSince: peer.connected ? undefined : (peer.lastSeenAt ?? 0),
    missing: changesBehind(peer, site.headSeq),
    lagMillis: peer.lagMillis,
  };
}
