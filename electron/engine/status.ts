import type { PeerStatus, Status, WaitingItem } from '../../shared/contract/status.ts';
import type { LinkState } from './link/link-hub.ts';
import type { Master, PublishedSite } from './master/master.ts';
import type { Mirror } from './mirror/mirror.ts';
import { HELD_ID, type MirrorSite, SOURCE_ID } from './mirror/mirror-site.ts';
import { type Node, VERSION } from './node.ts';
import { defined } from './store/rows.ts';

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

/** Transfers that are listed one by one. */
const FAILING_LISTED = 100;

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

/** What does not go on by itself, or not yet, and why. */
export function listWaiting({ node, master, mirror, siteFaults }: StatusSources): WaitingItem[] {
  const faults = [...siteFaults].map(
    ([site, error]): WaitingItem => ({
      id: `${site}:site`,
      site,
      kind: 'failing',
      error: error.toJSON(),
      since: node.now(),
    }),
  );
  return [...faults, ...(master?.sites() ?? []).flatMap(watchTroubleOf), ...(mirror?.sites() ?? []).flatMap(waitingOf)];
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
  const counts = state.counts();
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

function watchTroubleOf({ name, watch }: PublishedSite): WaitingItem[] {
  if (!watch?.trouble) return [];
  const held = watch.trouble.error.code === 'guard.held';
  const id = `${name}:${held ? HELD_ID : 'watch'}`;
  return [{ id, site: name, kind: held ? 'delete-guard' : 'failing', ...watch.trouble }];
}

function waitingOf(site: MirrorSite): WaitingItem[] {
  const { state, follow, trouble } = site;
  const items: WaitingItem[] = [];
  if (trouble) {
    const { error, since, nextAttemptAt } = trouble;
    items.push({
      id: `${follow.site}:${SOURCE_ID}`,
      site: follow.site,
      kind: 'failing',
      error: error.toJSON(),
      since,
      nextAttemptAt,
    });
  }
  const [held] = state.inState('held', 1);
  if (held?.error) {
    const id = `${follow.site}:${HELD_ID}`;
    items.push({ id, site: follow.site, kind: 'delete-guard', error: held.error, since: held.since });
  }
  for (const want of state.inState('failed', FAILING_LISTED)) {
    if (!want.error) continue;
    items.push(
      defined({
        id: `${follow.site}:${want.path}`,
        site: follow.site,
        kind: 'failing' as const,
        path: want.path,
        error: want.error,
        since: want.since,
        nextAttemptAt: want.nextAt ?? undefined,
      }),
    );
  }
  return items;
}
