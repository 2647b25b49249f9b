import type { PeerStatus, Status, WaitingItem } from '../../shared/contract/status.ts';
import type { LinkState } from './link/link-hub.ts';
import type { Master, PublishedSite } from './master/master.ts';
import type { Mirror } from './mirror/mirror.ts';
import type { MirrorSite } from './mirror/mirror-site.ts';
import { type Node, VERSION } from './node.ts';
import { defined } from './store/rows.ts';
import { listWaiting } from './waiting.ts';

/** `clockAheadMillis`: the peer's clock less ours, as of its last hello. */
type PeerLink = LinkState & { readonly clockAheadMillis: number | undefined };

/** What status is made of. At rest there are no listeners and no links. */
export interface StatusSources {
  readonly node: Node;
  readonly master: Master | undefined;
  readonly mirror: Mirror | undefined;
  readonly listeners: Status['listeners'];
  readonly running: boolean;
  readonly link: (peer: string) => PeerLink | undefined;
  readonly siteFaults: ReadonlyMap<string, { toJSON(): WaitingItem['error'] }>;
}

export function readStatus(sources: StatusSources): Status {
  const { node, master, mirror, running, listeners } = sources;
  const { name, role } = node.config.node;
  return {
    node: { id: node.identity.id, name, role, pid: running ? process.pid : null, version: VERSION },
    running,
    listeners,
    sites: [
      ...(master?.sites() ?? []).map((site) => publishedStatus(sources, site)),
      ...(mirror?.sites() ?? []).map((site) => followedStatus(sources, site)),
    ],
    waiting: listWaiting(sources),
  };
}

function publishedStatus({ node, link }: StatusSources, site: PublishedSite): Status['sites'][number] {
  const { journal, deliveries, files } = site;
  const headSeq = journal.head;
  const peers = deliveries.subscriptions().flatMap((subscription): PeerStatus[] => {
    const peer = node.peers.get(subscription.peer);
    if (!peer) return [];
    const { receivedSeq, publishedSeq, waiting, failing, held, seenAt } = subscription;
    const inStep =
      subscription.journal === journal.id && receivedSeq >= headSeq && publishedSeq >= headSeq && waiting === 0;
    const state = link(peer.id);
    return [
      defined({
        name: peer.name,
        id: peer.id,
        connected: state?.connected ?? false,
        lastSeenAt: state?.lastSeenAt ?? seenAt,
        clockAheadMillis: state?.clockAheadMillis,
        receivedSeq,
        publishedSeq,
        inStep,
        waiting,
        failing,
        held,
        error: state?.error?.toJSON(),
      }),
    ];
  });
  return { name: site.name, root: files.root.folder, journal: journal.id, headSeq, files: journal.files(), peers };
}

function followedStatus({ node, mirror, link }: StatusSources, site: MirrorSite): Status['sites'][number] {
  const { state, follow, root } = site;
  const headSeq = mirror?.headSeq(site) ?? state.cursor;
  const master = node.peers.get(follow.master);
  const connection = master && link(master.id);
  const connected = connection?.connected ?? false;
  const publishedSeq = state.publishedSeq();
  const counts = { ...state.counts(), held: site.held() };
  const inStep = connected && state.journal !== null && publishedSeq >= headSeq && counts.waiting === 0;
  const peer = defined({
    name: master?.name ?? follow.master.slice(0, 12),
    id: follow.master,
    connected,
    lastSeenAt: connection?.lastSeenAt,
    clockAheadMillis: connection?.clockAheadMillis,
    receivedSeq: state.cursor,
    publishedSeq,
    inStep,
    ...counts,
    error:
      connection?.error?.toJSON() ??
      (master ? undefined : { code: 'peer.unknown' as const, params: { peer: follow.master } }),
  });
  return { name: follow.site, root: root.folder, journal: state.journal, headSeq, files: state.files(), peers: [peer] };
}
