import { createHash } from 'node:crypto';
import type { SitePath } from '../../shared/domain/site-path.ts';
import type { HistoryRow, PeerStatus, Status } from '../../shared/contract/status.ts';

/** Builders of what an engine says: a state by what is special about it. */
type Delivery = HistoryRow['deliveries'][number];

export function masterStatus(peers: readonly PeerStatus[], extra: Partial<Status> = {}): Status {
  return {
    node: { id: idOf('origin'), name: 'origin', role: 'master', pid: 4242, version: '0.1.0' },
    running: true,
    listeners: { ftp: { host: '0.0.0.0', port: 2121, tls: 'required' }, link: null, console: null },
    sites: [
      { name: 'www', root: '/srv/www', journal: 'c'.repeat(32), headSeq: HEAD, files: 12_408, peers: [...peers] },
    ],
    waiting: [],
    ...extra,
  };
}

export function mirrorStatus(master: PeerStatus): Status {
  const status = masterStatus([master]);
  return { ...status, node: { ...status.node, id: idOf('osaka'), name: 'osaka', role: 'mirror' } };
}

export const HEAD = 18_402;

export function peer(name: string, extra: Partial<PeerStatus> = {}): PeerStatus {
  return {
    name,
    id: idOf(name),
    connected: true,
    lastSeenAt: Date.now(),
    receivedSeq: HEAD,
    publishedSeq: HEAD,
    inStep: true,
    waiting: 0,
    failing: 0,
    held: 0,
    ...extra,
  };
}

export function put(seq: number, path: string, at: number, deliveries: readonly Delivery[]): HistoryRow {
  return {
    site: 'www',
    seq,
    op: 'put',
    path: path as SitePath,
    size: 4096 * (1 + (seq % 97)),
    at,
    by: 'editor',
    deliveries: [...deliveries],
  };
}

/** A change that the mirror published `after` milliseconds after the upload at `at`. */
export function published(mirror: string, at: number, after: number): Delivery {
  return {
    peer: mirror,
    state: 'published',
    verdict: 'fetch',
    notifiedAt: at,
    receivedAt: at,
    publishedAt: at + after,
  };
}

function idOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}
