import type { WaitingAtMirror, WaitingItem } from '../../../shared/contract/status.ts';
import type { ErrorCode } from '../../../shared/errors/codes.ts';
import { folderId } from '../../../shared/domain/waiting-id.ts';
import type { LostRoot } from '../tree/lost-roots.ts';
import type { Master } from '../master/master.ts';
import type { PublishedSite } from '../master/published-site.ts';
import { showPath } from '../tree/show-path.ts';
import type { WordGiver } from '../master/release/word-giver.ts';
import { HELD_ID } from '../mirror/decide-wants.ts';
import type { MirrorSite } from '../mirror/mirror-site.ts';
import type { Node } from '../install/node.ts';
import type { StatusSources } from './sources.ts';

/** Failing transfers, and all together, that are listed one by one. */
const FAILING_LISTED = 100;
const WAITS_LISTED = 1000;
/** Names of one site that cannot be published; the last one counts the others. */
const UNFIT_LISTED = 20;
/** Files of one site that are being written to. */
const WRITING_LISTED = 100;

/** In the id of what is not published, after that of its site. */
const UNFIT_ID = 'unfit';
/** … of what is not published yet. */
const WRITING_ID = 'writing';
/** … of a watch that has stopped, and of a tree that could not be read; where both are for deletes it is `HELD_ID`. */
const WATCH_ID = 'watch';
const UNREAD_ID = 'unread';

/** What does not go on by itself, or not yet, and why. */
export function listWaiting({ node, master, mirror, siteFaults, lostRoots }: StatusSources): WaitingItem[] {
  const faults = [...siteFaults].map(
    ([site, error]): WaitingItem => ({
      id: folderId(site),
      site,
      kind: 'failing',
      error: error.toJSON(),
      since: node.now(),
    }),
  );
  return [
    ...faults,
    ...(master?.sites() ?? []).flatMap((site) => [
      ...rootLostOf(site, lostRoots.get(site.name)),
      // Without the folder nothing else is to be said of it.
      ...(lostRoots.has(site.name) ? [] : [...watchTroubleOf(site), ...unfitOf(site), ...writingOf(site)]),
      ...unreadOf(master, site),
      ...lateReleases(site),
      ...waitingThere(node, master, site),
    ]),
    ...(mirror?.sites() ?? []).flatMap(waitingOf),
  ];
}

/** A mirror that has lost its folder says so itself: it cannot fetch. */
function rootLostOf({ name }: PublishedSite, lost: LostRoot | undefined): WaitingItem[] {
  return lost
    ? [{ id: folderId(name), site: name, kind: 'failing', error: lost.error.toJSON(), since: lost.since }]
    : [];
}

function watchTroubleOf({ name, watch }: PublishedSite): WaitingItem[] {
  if (!watch?.trouble) return [];
  const held = watch.trouble.error.code === 'guard.held';
  const id = `${name}:${held ? HELD_ID : WATCH_ID}`;
  return [{ id, site: name, kind: held ? 'delete-guard' : 'failing', ...watch.trouble }];
}

/** What stands in the folder and is not published, whatever is done at the mirrors. */
function unfitOf({ name, files, watch }: PublishedSite): WaitingItem[] {
  const { all } = files.unfit;
  return all.slice(0, UNFIT_LISTED).map(({ path: own, code, since }, index) => {
    const path = showPath(own);
    const rest = index === UNFIT_LISTED - 1 ? all.length - index : 1;
    const id = `${name}:${UNFIT_ID}:${path}`;
    // A folder that is watched needs no rescan by hand.
    const error = { code, params: { path, ...(!watch && { rescan: name }) } };
    return { id, site: name, kind: 'failing', path, ...(rest > 1 && { files: rest }), error, since };
  });
}

/** What programs write to in the folder of a site. */
function writingOf({ name, watch }: PublishedSite): WaitingItem[] {
  return (watch?.writing ?? []).slice(0, WRITING_LISTED).map(({ path, since, until }) => {
    const error = { code: 'wait.writing' as const, params: { path } };
    return { id: writingId(name, path), site: name, kind: 'writing', path, error, since, until };
  });
}

/** The journal was put back from a copy, and nothing is told before the tree was read. */
function unreadOf(master: Master | undefined, { name, watch }: PublishedSite): WaitingItem[] {
  const trouble = master?.putBack.trouble(name);
  if (!trouble || watch?.trouble) return [];
  const held = trouble.error.code === 'guard.held';
  return [
    { id: `${name}:${held ? HELD_ID : UNREAD_ID}`, site: name, kind: held ? 'delete-guard' : 'failing', ...trouble },
  ];
}

/** Releases that wait for mirrors, for which too few of them were ready in time. */
function lateReleases({ name, word, releases }: PublishedSite): WaitingItem[] {
  return [...word.asking].flatMap(([id, quorum]): WaitingItem[] => {
    const release = releases.get(id);
    if (!release) return [];
    const ready = release.peers.filter(({ readyAt }) => readyAt !== undefined).length;
    const params = { name: release.name, ready, of: release.peers.length, quorum };
    const error = { code: 'release.mirrors-late' as const, params };
    return [{ id: wordId(name, id), site: name, kind: 'release', error, since: release.at }];
  });
}

/** What waits at the mirrors of a site, as they say. */
function waitingThere(node: Node, master: Master | undefined, { name, word }: PublishedSite): WaitingItem[] {
  return [...(master?.notifier.waiting(name) ?? [])].flatMap(([peer, { items }]) => {
    const mirror = node.peers.get(peer)?.name;
    if (mirror === undefined) return [];
    return items.map((item) => ({
      ...atMirror(withWord(item, word), mirror),
      id: thereId(name, mirror, item.id),
      site: name,
      peer: mirror,
    }));
  });
}

/** What is to be done about the folder of a mirror is done there. */
export function atMirror(item: WaitingAtMirror, mirror: string): WaitingAtMirror {
  const { code, params } = item.error;
  if (!isRootLost(code)) return item;
  return { ...item, error: { code, params: { ...params, at: mirror } } };
}

/** The folder of a site is not there, or another one is. */
export function isRootLost(code: ErrorCode): boolean {
  return code === 'site.root-missing' || code === 'site.root-other';
}

/** A mirror that waits for the word does not know of the others. */
function withWord(item: WaitingAtMirror, word: WordGiver): WaitingAtMirror {
  const { error } = item;
  const { release } = error.params;
  if (error.code !== 'wait.word' || typeof release !== 'number') return item;
  const known = word.progress(release);
  if (!known) return item;
  const { name, ready, of, quorum, limitAt } = known;
  const params = { ...error.params, name, ready, of, quorum };
  // With fewer than are needed it goes on waiting then.
  return { ...item, error: { ...error, params }, ...(ready >= quorum && { until: limitAt }) };
}

/** A person decides about something that `listWaiting` of a master has named. False: it is not there, or its mirror is out of reach. */
export function resolveAtMaster(
  { node, master }: Pick<StatusSources, 'node' | 'master'>,
  id: string,
  how: 'publish' | 'discard',
): boolean {
  for (const { name, word, watch } of master?.sites() ?? []) {
    const written = watch?.writing.find(({ path }) => writingId(name, path) === id);
    if (written && how === 'publish') return watch?.publish(written.path) ?? false;
    for (const release of word.asking.keys()) {
      if (id !== wordId(name, release) || how === 'discard') continue;
      word.give(release);
      return true;
    }
    for (const [peer, { items }] of master?.notifier.waiting(name) ?? []) {
      const mirror = node.peers.get(peer)?.name ?? '';
      const item = items.find((each) => thereId(name, mirror, each.id) === id);
      if (item) return master?.notifier.resolve(name, peer, item, how) ?? false;
    }
  }
  return false;
}

export function isUnfitId(site: string, id: string): boolean {
  return id.startsWith(`${site}:${UNFIT_ID}:`);
}

/** Whether it is that a site is not read, or not watched, whatever the reason is by now. */
export function isStoppedId(site: string, id: string): boolean {
  return [HELD_ID, WATCH_ID, UNREAD_ID].some((own) => id === `${site}:${own}`);
}

function wordId(site: string, release: number): string {
  return `${site}:word:${release}`;
}

function writingId(site: string, path: string): string {
  return `${site}:${WRITING_ID}:${path}`;
}

function thereId(site: string, mirror: string, id: string): string {
  return `${site}@${mirror}:${id}`;
}

function waitingOf(site: MirrorSite): WaitingItem[] {
  const { site: name } = site.follow;
  return site
    .standing(FAILING_LISTED)
    .slice(0, WAITS_LISTED)
    .map((item) => ({ ...item, id: `${name}:${item.id}`, site: name }));
}
