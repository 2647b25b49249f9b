import type { PeerStatus, Status } from '../../../shared/contract/status.ts';
import { explainPeer, type Reason, waitingFor } from '../../../shared/domain/explain-peer.ts';
import { reasonTexts } from '../../../shared/domain/explain-peer.en.ts';
import type { PeerWords } from '../../../shared/domain/peer-words.ts';
import { sentenceParts } from '../../../shared/errors/sentences.en.ts';
import { bytes, count, duration, moment, plain } from './text.ts';

type Site = Status['sites'][number];

/** Why a peer is not in step, or may not stay so, what a person should know first coming first. */
export function reasonsOf({ node, waiting }: Status, { name, headSeq }: Site, peer: PeerStatus, now: number): Reason[] {
  const own = waitingFor(waiting, { role: node.role, site: name, peer: peer.name });
  return explainPeer({ peer, headSeq, waiting: own, version: node.version }, now);
}

export function wordsOf(node: Status['node'], peer: PeerStatus, now: number): PeerWords {
  return {
    peer: peer.name,
    role: node.role,
    place: 'shell',
    now,
    number: count,
    bytes,
    duration,
    ago: (at) => `${duration(now - at)} ago`,
    clock: moment,
  };
}

/** What stands in its way that its counts do not say: in a few words; '' where nothing does. */
export function firstReason(status: Status, site: Site, peer: PeerStatus, now: number): string {
  if (site.error) return plain(sentenceParts(site.error).what);
  const found = reasonsOf(status, site, peer, now).find(({ code }) => TELLING.has(code));
  return found ? plain(reasonTexts.short(found, wordsOf(status.node, peer, now))) : '';
}

const TELLING: ReadonlySet<Reason['code']> = new Set(['source', 'held', 'failing', 'waits', 'never-open', 'drift']);
