import { useState } from 'react';
import type { CallResult } from '../../shared/contract/calls.ts';
import type { PeerStatus } from '../../shared/contract/status.ts';
import { type EngineView, useEngine } from '../stores/engine-store.ts';
import { useNow } from './use-now.ts';

type Invitation = CallResult<'pairing.invite'>;

/** The pairing code that was made last for a site, as long as it is good: until it has run out, or a mirror has joined since. */
export function useInvitation(site: string): readonly [Invitation | undefined, (made: Invitation | undefined) => void] {
  const now = useNow();
  const peers = useEngine((view) => peersOf(view, site));
  const [last, setLast] = useState<{ made: Invitation; before: ReadonlySet<string> }>();
  const isGood = last !== undefined && last.made.expiresAt > now && peers.every(({ id }) => last.before.has(id));
  const set = (made: Invitation | undefined): void =>
    setLast(made && { made, before: new Set(peersOf(useEngine.getState(), site).map(({ id }) => id)) });
  return [isGood ? last.made : undefined, set];
}

function peersOf({ status }: EngineView, site: string): readonly PeerStatus[] {
  return status?.sites.find(({ name }) => name === site)?.peers ?? NONE;
}

const NONE: readonly PeerStatus[] = [];
