import type { PeerStatus, Status } from '../../../shared/contract/status.ts';
import { changesBehind } from '../../../shared/domain/explain-peer.ts';
import { peerState, type Site, type State } from '../../stores/peer-state.ts';

/** What a card of the map tells. */
export interface Machine {
  readonly id: string;
  readonly name: string;
  /** Of one mirror; undefined: the one from which changes come, or several. */
  readonly peer: PeerStatus | undefined;
  readonly state: State | undefined;
  readonly behind: number;
  /** Several that are in step. */
  readonly many: number | undefined;
  /** There are no others. */
  readonly isAll: boolean;
  /** Changes or files pass at this moment. */
  readonly moves: boolean;
}

/** What is well stands together, as far as there is more than can be read on a map. */
const MOST = { small: 5, large: 40 } as const;

/** The machine from which changes come, and those that they go to. */
export function machinesOf(node: Status['node'], site: Site, small: boolean): { first: string; others: Machine[] } {
  const machines = site.peers.map((peer) => machineOf(peer, peer.name, site));
  if (node.role === 'mirror') {
    const [peer] = site.peers;
    return { first: peer?.name ?? '', others: peer ? [machineOf(peer, node.name, site)] : [] };
  }
  const most = small ? MOST.small : MOST.large;
  if (machines.length <= most) return { first: node.name, others: machines };
  const trouble = machines.filter(({ state }) => state !== 'in-step');
  const shown = trouble.slice(0, most - 1);
  const rest = machines.filter((machine) => !shown.includes(machine));
  const isWell = rest.every(({ state }) => state === 'in-step');
  const group: Machine = {
    id: 'others',
    name: '',
    peer: undefined,
    state: isWell ? 'in-step' : rest.find(({ state }) => state !== 'in-step')?.state,
    behind: 0,
    many: rest.length,
    isAll: rest.length === machines.length,
    moves: rest.some(({ moves }) => moves),
  };
  return { first: node.name, others: [...shown, group] };
}

function machineOf(peer: PeerStatus, name: string, site: Site): Machine {
  return {
    id: peer.id,
    name,
    peer,
    state: peerState(peer),
    behind: changesBehind(peer, site.headSeq),
    many: undefined,
    isAll: false,
    moves: peer.connected && (peer.changesPerSecond ?? 0) + (peer.bytesPerSecond ?? 0) > 0,
  };
}
