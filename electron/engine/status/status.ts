import type { PeerStatus, Status, WaitingAtMirror } from '../../../shared/contract/status.ts';
import type { ConditionsInForce } from '../../../shared/contract/conditions.ts';
import { VERSION } from '../../../shared/version.ts';
import { SlowCount } from './slow-count.ts';
import type { Master } from '../master/master.ts';
import type { PublishedSite } from '../master/published-site.ts';
import type { MirrorSite } from '../mirror/mirror-site.ts';
import { departuresOf } from '../store/departures.ts';
import { defined } from '../core/defined.ts';
import { lastKnown } from '../store/sites.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import { atMirror, isRootLost, listWaiting } from './waiting.ts';
import type { StatusSources } from './sources.ts';

export function readStatus(sources: StatusSources): Status {
  const { node, master, mirror, running, listeners } = sources;
  const { name, role } = node.config.node;
  const pausedAt = node.pauses.since({ what: 'all' });
  return {
    node: { id: node.identity.id, name, role, pid: running ? process.pid : null, version: VERSION },
    running,
    listeners,
    ...(pausedAt !== undefined && { pausedAt }),
    sites: [
      ...(master?.sites() ?? []).map((site) => publishedStatus(sources, site)),
      ...(mirror?.sites() ?? []).map((site) => followedStatus(sources, site)),
      ...closedSites(sources),
    ],
    waiting: listWaiting(sources),
    ...(sources.configFault && { configFault: sources.configFault.toJSON() }),
    ...(sources.certificateFault && { certificateFault: sources.certificateFault.toJSON() }),
    ...(sources.hooks && sources.hooks.length > 0 && { hooks: sources.hooks }),
    ...(sources.lockOuts && sources.lockOuts.length > 0 && { lockOuts: [...sources.lockOuts] }),
  };
}

function publishedStatus(sources: StatusSources, site: PublishedSite): Status['sites'][number] {
  const { node, master, live, link } = sources;
  const { journal, deliveries, files } = site;
  const lost = sources.lostRoots.get(site.name);
  const headSeq = journal.head;
  const peers = deliveries.subscriptions().flatMap((subscription): PeerStatus[] => {
    const peer = node.peers.get(subscription.peer);
    if (!peer) return [];
    const { receivedSeq, publishedSeq, waiting, failing, held, seenAt } = subscription;
    const { paused, conditions } = conditionsAtMaster(master, site.name, peer.id, node.now());
    const items = master?.notifier.waiting(site.name).get(peer.id)?.items ?? [];
    const stopped = stoppedBy(items, peer.name);
    const inStep =
      !paused &&
      !lost &&
      !stopped &&
      subscription.journal === journal.id &&
      receivedSeq >= headSeq &&
      publishedSeq >= headSeq &&
      waiting === 0;
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
        // Whatever the mirror says, it stays a number that others can read.
        held: Math.min(held + askedFor(items), Number.MAX_SAFE_INTEGER),
        drifted: driftedOf(items),
        stopped,
        error: state?.error?.toJSON(),
        nextAttemptAt: state?.nextAttemptAt,
        version: state?.version,
        paused,
        conditions,
        roundTripMillis: rounded(state?.roundTripMillis),
        behindMillis: age(inStep ? undefined : later(journal.timeAfter(publishedSeq), subscription.since), node.now()),
        ...live?.ratesOf(site.name, peer.id),
      }),
    ];
  });
  const left = departuresOf(node.store, journal.site, node.now());
  return {
    name: site.name,
    root: files.root.folder,
    journal: journal.id,
    headSeq,
    files: countOf(journal.index),
    ...(lost && { error: lost.error.toJSON() }),
    peers,
    ...(left.length > 0 && { left }),
    ...live?.ratesOfSite(site.name),
  };
}

/** Sites that could not be opened: nobody is in step with them. What is told of them is what was stored last. */
function closedSites({ node, siteFaults, link }: StatusSources): Status['sites'] {
  const { sites, follows } = node.config;
  return [...siteFaults].flatMap(([name, fault]): Status['sites'] => {
    const root = sites.find((site) => site.name === name)?.root ?? follows.find(({ site }) => site === name)?.root;
    if (root === undefined) return [];
    const known = lastKnown(node.store, name);
    const masters = follows.flatMap(({ site, master }) => (site === name ? [master] : []));
    const peers = [...masters, ...known.mirrors].flatMap((id): PeerStatus[] => {
      const peer = node.peers.get(id);
      if (!peer) return [];
      const { connected = false, lastSeenAt, error } = link(id) ?? {};
      const none = { receivedSeq: known.seq, publishedSeq: 0, inStep: false, waiting: 0, failing: 0, held: 0 };
      return [defined({ name: peer.name, id, connected, lastSeenAt, error: error?.toJSON(), ...none })];
    });
    const { journal, seq: headSeq, files } = known;
    return [{ name, root, journal, headSeq, files, error: fault.toJSON(), peers }];
  });
}

/** What this master asks of the mirror, and what the mirror has set for itself, as far as it has said. */
function conditionsAtMaster(
  master: Master | undefined,
  site: string,
  peer: string,
  now: number,
): Pick<PeerStatus, 'paused' | 'conditions'> {
  if (!master) return {};
  const here = master.conditions.paused(peer);
  const asked = master.conditions.limits(peer);
  const own = master.notifier.ownConditions(site, peer);
  const rates = [asked.bytesPerSecond, own.bytesPerSecond].filter((rate) => rate !== undefined);
  const hours = [asked.hours, own.hours].filter((each) => each !== undefined);
  const conditions: ConditionsInForce = {
    ...(rates.length > 0 && { bytesPerSecond: Math.min(...rates) }),
    ...(hours.length > 0 && { hours }),
    ...(own.opensAt !== undefined && own.opensAt > now && { opensAt: own.opensAt }),
  };
  return {
    ...(here
      ? { paused: { by: 'here', ...here } }
      : own.pausedAt !== undefined && { paused: { by: 'there', since: own.pausedAt } }),
    ...(Object.keys(conditions).length > 0 && { conditions }),
  };
}

function followedStatus(
  { node, mirror, running, live, link, lostRoots }: StatusSources,
  site: MirrorSite,
): Status['sites'][number] {
  const { state, follow, root } = site;
  const lost = lostRoots.get(follow.site);
  const headSeq = mirror?.headSeq(site) ?? state.cursor;
  const master = node.peers.get(follow.master);
  const connection = master && link(master.id);
  const connected = connection?.connected ?? false;
  const publishedSeq = state.publishedSeq();
  const counts = { ...state.counts(), held: site.held() };
  const { paused, inForce } = site.conditions;
  // At rest it says how it stood, as far as it had heard.
  const isCurrent = connected || !running;
  const inStep =
    isCurrent && !paused && !lost && state.journal !== null && publishedSeq >= headSeq && counts.waiting === 0;
  const peer = defined({
    name: master?.name ?? follow.master.slice(0, 12),
    id: follow.master,
    connected,
    lastSeenAt: connection?.lastSeenAt ?? node.peers.seenAt(follow.master),
    clockAheadMillis: connection?.clockAheadMillis,
    receivedSeq: state.cursor,
    publishedSeq,
    inStep,
    ...counts,
    drifted: driftedOf(site.drift.waits()),
    error:
      connection?.error?.toJSON() ??
      (master ? undefined : { code: 'peer.unknown' as const, params: { peer: follow.master } }),
    nextAttemptAt: connection?.nextAttemptAt,
    version: connection?.version,
    paused,
    conditions: inForce,
    roundTripMillis: rounded(connection?.roundTripMillis),
    behindMillis: age(inStep ? undefined : state.wants.oldestChange(), node.now()),
    ...live?.ratesOf(follow.site, follow.master),
  });
  return {
    name: follow.site,
    root: root.folder,
    journal: state.journal,
    headSeq,
    files: countOf(state),
    ...(lost && { error: lost.error.toJSON() }),
    peers: [peer],
    ...(live && { changesPerSecond: live.ratesOfSite(follow.site).changesPerSecond }),
  };
}

/** A mirror that was paired since then is behind since then only. */
function later(changedAt: number | undefined, since: number | undefined): number | undefined {
  return changedAt === undefined ? undefined : Math.max(changedAt, since ?? 0);
}

/** Clocks differ: nothing is from the future. */
function age(at: number | undefined, now: number): number | undefined {
  return at === undefined ? undefined : Math.max(0, now - at);
}

/** Files of groups and releases that only a person, or the publisher, can make go on: the mirror tells them with what waits there. */
function askedFor(items: readonly WaitingAtMirror[]): number {
  const asking = items.filter(
    ({ error: { code }, until }) => until === undefined && (code === 'wait.held' || code === 'wait.commit'),
  );
  return asking.reduce((sum, { files = 1 }) => sum + files, 0);
}

/** Of many there is one item for all of them, beside the first. Undefined: none. */
function driftedOf(items: readonly WaitingAtMirror[]): number | undefined {
  const drifted = items.filter(({ kind }) => kind === 'drift');
  return Math.max(drifted.length, ...drifted.map(({ files = 1 }) => files)) || undefined;
}

/** A mirror that has lost its folder shows nothing, however far it got. */
function stoppedBy(items: readonly WaitingAtMirror[], mirror: string): ErrorJson | undefined {
  const lost = items.find(({ error }) => isRootLost(error.code));
  return lost && atMirror(lost, mirror).error;
}

/** Status is told several times a second under load, and the files of a large site take their time to count. */
const counts = new WeakMap<object, SlowCount>();

function countOf(index: { files(): number }): number {
  let count = counts.get(index);
  if (!count) counts.set(index, (count = new SlowCount()));
  return count.read(() => index.files());
}

/** To a tenth of a millisecond. */
function rounded(millis: number | undefined): number | undefined {
  return millis === undefined ? undefined : Math.round(millis * 10) / 10;
}
