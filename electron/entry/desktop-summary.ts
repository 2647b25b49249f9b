import type { HostState } from '../../shared/contract/bridge.ts';
import {
  type ArrivedRelease,
  type EngineSummary,
  type Need,
  NEEDS_MAX,
  nothingKnown,
  RELEASES_MAX,
} from '../../shared/contract/desktop.ts';
import type { Release } from '../../shared/contract/releases.ts';
import type { PeerStatus, Status } from '../../shared/contract/status.ts';
import { needsPerson } from '../../shared/domain/needs-person.ts';
import { type PeerStanding, peerStanding } from '../../shared/domain/peer-standing.ts';
import { errorCodes } from '../../shared/errors/codes.ts';

/** What the desktop shell is told while there is no engine. */
export function summariseHost(host: HostState): EngineSummary | undefined {
  switch (host.state) {
    case 'starting':
    case 'unset':
      return { ...nothingKnown, state: host.state };
    case 'failed':
      return { ...nothingKnown, state: 'failed', error: host.error };
    case 'running':
      return undefined;
  }
}

/** The whole status in what a tray and notifications can show. */
export function summarise(status: Status, releases: readonly Release[]): EngineSummary {
  const { role } = status.node;
  const peers = status.sites.flatMap((site) => site.peers);
  const needs = needsOf(status);
  const isPaused = status.pausedAt !== undefined;
  const now = Date.now();
  const those = (state: PeerState): PeerStatus[] => peers.filter((peer) => STATES[peerStanding(peer, now)] === state);
  const [resting, away, behind] = [those('paused'), those('away'), those('working')];
  const state: 'needs-person' | 'paused' | 'away' | 'working' | 'in-step' =
    needs.length > 0
      ? 'needs-person'
      : isPaused
        ? 'paused'
        : away.length > 0
          ? 'away'
          : behind.length > 0
            ? 'working'
            : resting.length > 0
              ? 'paused'
              : 'in-step';
  const [concerned] = { away, working: behind, paused: resting, 'in-step': peers, 'needs-person': [] }[state];
  return {
    state,
    role,
    paused: isPaused,
    peers: peers.length,
    inStep: those('in-step').length,
    away: away.length,
    ...(concerned && { peer: concerned.name }),
    needs: needs.slice(0, NEEDS_MAX),
    needCount: needs.length,
    arrived: releases.flatMap(arrivedOf).slice(0, RELEASES_MAX),
  };
}

type PeerState = 'paused' | 'away' | 'working' | 'in-step';

const STATES: Readonly<Record<PeerStanding, PeerState>> = {
  paused: 'paused',
  unseen: 'away',
  away: 'away',
  contested: 'working',
  held: 'working',
  failing: 'working',
  changed: 'in-step',
  'in-step': 'in-step',
  waiting: 'working',
  behind: 'working',
};

function needsOf({ sites, waiting, configFault, certificateFault }: Status): Need[] {
  const faults = [configFault, certificateFault].flatMap((error): Need[] =>
    error === undefined ? [] : [{ key: ['fault', error.code].join('\0'), error, place: ['settings'] }],
  );
  const items = waiting.filter(needsPerson).map(
    ({ id, site, peer, error }): Need => ({
      key: [site, peer ?? '', id].join('\0'),
      site,
      ...(peer !== undefined && { peer }),
      error,
      place: ['together', 'waiting', id],
    }),
  );
  const links = sites.flatMap(({ name: site, peers }) =>
    peers.filter(needsMending).map(
      (peer): Need => ({
        key: [site, peer.name, 'link', peer.error.code].join('\0'),
        site,
        peer: peer.name,
        error: peer.error,
        place: ['mirrors', peer.name],
      }),
    ),
  );
  return [...faults, ...items, ...links];
}

/** The link to it does not come back by itself. */
function needsMending(peer: PeerStatus): peer is PeerStatus & { error: NonNullable<PeerStatus['error']> } {
  return peer.error !== undefined && errorCodes[peer.error.code] === 'never';
}

function arrivedOf({ site, id, name, peers, convergedMillis }: Release): ArrivedRelease[] {
  if (convergedMillis === undefined || peers.length === 0) return [];
  return [{ site, id, name: name.slice(0, 200), mirrors: peers.length, millis: convergedMillis }];
}
