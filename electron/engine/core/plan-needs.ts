import type { SiteRules } from '../../../shared/contract/rules.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import { candidatesOf, referencesTo, type Reference } from '../../../shared/domain/reference.ts';
import { parentOf, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { pathOfMember } from './groups.ts';
import { forEachPart, type Parts } from './in-parts.ts';
import type { Pending, PlanInput, WaitReason } from './planning.ts';
import type { Bond } from './plan-rounds.ts';
import { type Need, NEVER, type Node } from './plan-units.ts';
import { compileGlob } from './routes.ts';

/** Reasons of one kind that one change has, or one wait is told with. */
export const REASONS_MAX = 20;

/** The targets that paths wait for because somebody said so. */
export type SetLinksOf = (path: SitePath) => readonly SitePath[];

export function compileSetLinks({ links }: SiteRules): SetLinksOf {
  const compiled = links.set.map(({ glob, target }) => {
    const path = pathOfMember(glob);
    return { target, matches: path === undefined ? compileGlob(glob) : (one: string) => one === path };
  });
  if (compiled.length === 0) return () => [];
  return (path) =>
    compiled.filter(({ target, matches }) => target !== path && matches(path)).map(({ target }) => target);
}

/** Fills `needs`, `holds` and `nowhere` of each node from links, set links and places in the tree. */
export function* findNeeds(nodes: readonly Node[], input: PlanInput, setLinksOf: SetLinksOf): Parts<void> {
  const nodeAt = new Map<SitePath, Node>();
  yield* forEachPart(nodes, (node) => nodeAt.set(node.change.path, node));
  const { wait } = input.rules.links;
  const resolve = resolver(nodeAt, input);
  const linksTo = linkFinder(input);
  yield* forEachPart(nodes, (node) => {
    switch (node.change.kind) {
      case 'file':
        if (wait) needReferences(node, resolve, input);
        needSetLinks(node, setLinksOf(node.change.path), nodeAt, input);
        break;
      case 'gone':
        if (wait) needPages(node, nodeAt, linksTo, input);
        needMoved(node, nodeAt, input);
        break;
      case 'dir':
        break;
    }
  });
  if (nodes.some(({ change }) => change.kind !== 'file')) yield* needPlaces(nodes, nodeAt, input);
  if (nodes.some(goesFirst)) yield* needRoom(nodes);
}

type NodeAt = ReadonlyMap<SitePath, Node>;

/** Where a reference leads once all that is pending is published. */
type Resolution =
  | { readonly kind: 'there'; readonly path: SitePath }
  | { readonly kind: 'node'; readonly node: Node }
  /** Pending, and published by somebody else. */
  | { readonly kind: 'coming'; readonly path: SitePath }
  /** `never`: and the mirror is told of none of the paths. */
  | { readonly kind: 'nowhere'; readonly never: boolean };

function needReferences(node: Node, resolve: (reference: Reference) => Resolution, input: PlanInput): void {
  const { change } = node;
  const { late } = input.rules.links;
  for (const reference of change.refs) {
    const target = resolve(reference);
    switch (target.kind) {
      case 'there':
        // It may have been changed before the page was, and that be told of after the page.
        if (change.seq > input.knownTo)
          hold(node, { kind: 'target', page: change.path, target: target.path }, comesSince(change, input) + late);
        break;
      case 'node':
        need(node, target.node, 'target', comesSince(change, input) + late);
        break;
      case 'coming':
        hold(node, { kind: 'target', page: change.path, target: target.path }, comesSince(change, input) + late);
        break;
      case 'nowhere':
        if (target.never) break;
        node.nowhere.push(reference);
        // Who commits a release has said what belongs to it.
        if (change.release !== null || input.wasMissing(change.path, reference)) break;
        hold(node, { kind: 'missing', page: change.path, target: reference }, missingLimit(node, input));
        break;
    }
  }
}

/** Most references are those of many pages: each is looked up once. */
function resolver(nodeAt: NodeAt, input: PlanInput): (reference: Reference) => Resolution {
  const known = new Map<Reference, Resolution>();
  return (reference) => {
    const found = known.get(reference);
    if (found) return found;
    const resolved = resolve(reference, nodeAt, input);
    known.set(reference, resolved);
    return resolved;
  };
}

/** The first candidate that is there counts, as at a web server. */
function resolve(reference: Reference, nodeAt: NodeAt, input: PlanInput): Resolution {
  let never = true;
  for (const path of candidatesOf(reference, input.rules.links.index)) {
    const node = nodeAt.get(path);
    const pending = node?.change ?? input.pendingAt(path);
    if (pending?.kind === 'file') {
      if (node) return { kind: 'node', node };
      if (pending.stage !== 'failed') return { kind: 'coming', path };
    }
    // A file whose update failed is still there as it was; what is deleted, or becomes a folder, is not.
    const stays = pending === undefined || pending.kind === 'file';
    if (stays && input.publishedSeq(path) !== undefined) return { kind: 'there', path };
    never &&= !input.accepts(path);
  }
  return { kind: 'nowhere', never };
}

/**
 * Both must have changed (SPEC §8): the target is pending too, or was notified after the page, or shortly before it: as long
 * before as the page would wait for it.
 */
function needSetLinks(node: Node, targets: readonly SitePath[], nodeAt: NodeAt, input: PlanInput): void {
  const { change } = node;
  const { late } = input.rules.links;
  for (const target of targets) {
    const other = nodeAt.get(target);
    const pending = other?.change ?? input.pendingAt(target);
    if (pending !== undefined && pending.kind !== 'file') continue;
    if (other) need(node, other, 'target', comesSince(change, input) + late);
    else if (pending && pending.stage !== 'failed') {
      hold(node, { kind: 'target', page: change.path, target }, comesSince(change, input) + late);
    } else if (change.release === null && input.accepts(target) && !hasChanged(target, change.since, input)) {
      hold(node, { kind: 'set-link', page: change.path, target }, missingLimit(node, input));
    }
  }
}

/** From when on a change waits for the content of another: as long as nothing can be fetched no patience is used up. */
function comesSince({ since }: Pending, { fetchingSince }: PlanInput): Millis {
  return Math.max(since, fetchingSince);
}

/** As long as not all is known that the master has, what is missing may be told of next: but not for ever. */
function missingLimit({ change: { since } }: Node, { currentSince, rules: { links } }: PlanInput): Millis {
  return Math.max(since + links.missing, Math.min(currentSince + links.missing, since + links.late));
}

function hasChanged(target: SitePath, since: Millis, input: PlanInput): boolean {
  const at = input.changedAt(target);
  return at !== undefined && at >= since - input.rules.links.missing;
}

/** A delete comes after the pages that still link to what it takes. */
function needPages(
  node: Node,
  nodeAt: NodeAt,
  linksTo: (page: Node, path: SitePath) => boolean,
  input: PlanInput,
): void {
  const { path, since, release } = node.change;
  if (release !== null) return;
  const { deleted } = input.rules.links;
  const until = since + deleted;
  for (const page of input.linkersOf(path)) {
    if (page === path) continue;
    const linker = nodeAt.get(page);
    if (linker?.unit === node.unit) continue;
    if (linker) need(node, linker, 'linked', comesSince(node.change, input) + deleted);
    // A page that is not replaced, or whose new version links to it too.
    if (!linker || linksTo(linker, path)) hold(node, { kind: 'linked', path, page }, until);
  }
}

/**
 * A rename is seen as one: what has another name from now on stays under the old one until it is shown under the new one, however
 * long that waits. Where it was uploaded anew under another name, and then deleted, it stays as long as a page would wait.
 */
function needMoved(node: Node, nodeAt: NodeAt, input: PlanInput): void {
  const { path, seq, release } = node.change;
  const shown = input.movedTo(path).flatMap((to) => nodeAt.get(to) ?? []);
  const coming = shown.filter(
    ({ change, unit }) => change.stage !== 'failed' && change.release === release && unit !== node.unit,
  );
  const renamed = coming.filter(({ change }) => change.seq === seq);
  const until = comesSince(node.change, input) + input.rules.links.late;
  for (const other of renamed.length > 0 ? renamed : coming)
    need(node, other, 'moved', renamed.length > 0 ? Infinity : until);
}

/** Whether the version of a page that is pending links to a path. */
function linkFinder({ rules }: PlanInput): (page: Node, path: SitePath) => boolean {
  const known = new Map<Node, ReadonlySet<Reference>>();
  return (page, path) => {
    const references = known.get(page) ?? new Set(page.change.kind === 'file' ? page.change.refs : []);
    known.set(page, references);
    return referencesTo(path, rules.links.index).some((reference) => references.has(reference));
  };
}

/**
 * Folders before what is in them, what is in a folder away before the folder: order only. A file waits for what is in the
 * folder that has its place, and for the folder above it that takes the place of a file, however long that waits: without it the others of its
 * release would be seen.
 */
function* needPlaces(nodes: readonly Node[], nodeAt: NodeAt, input: PlanInput): Parts<void> {
  yield* forEachPart(nodes, (node) => {
    const gone = node.change.kind === 'gone';
    for (let folder = parentOf(node.change.path); folder !== ROOT; folder = parentOf(folder)) {
      const above = nodeAt.get(folder);
      if (!above) continue;
      if (gone && above.change.kind !== 'dir') {
        const until = above.change.kind === 'file' ? Infinity : NEVER;
        above.needs.push({ from: above.unit, to: node, kind: 'place', until });
      }
      if (!gone && above.change.kind === 'dir') {
        const until = input.publishedSeq(folder) === undefined ? NEVER : Infinity;
        node.needs.push({ from: node.unit, to: above, kind: 'place', until });
      }
    }
  });
}

/** A name that it takes up keeps the others of its release from theirs. */
function goesFirst({ change }: Node): boolean {
  return change.kind === 'gone' && change.forced && change.release !== null;
}

/** What is left of a release comes after what goes first of it: one of it waits for all of it. */
function* needRoom(nodes: readonly Node[]): Parts<void> {
  const left = new Map<number, Node>();
  yield* forEachPart(nodes, (node) => {
    const { release, forced } = node.change;
    if (release !== null && !forced && !left.has(release)) left.set(release, node);
  });
  yield* forEachPart(nodes, (to) => {
    const node = goesFirst(to) ? left.get(to.change.release ?? 0) : undefined;
    node?.needs.push({ from: node.unit, to, kind: 'place', until: Infinity });
  });
}

function need(node: Node, to: Node, kind: Need['kind'], until: Millis): void {
  if (to !== node) node.needs.push({ from: node.unit, to, kind, until: waits(node, to) ? until : NEVER });
}

/** Forced changes wait for nothing; nor do those of one group for one another once its limit is over. */
function waits({ change, bonds }: Node, to: Node): boolean {
  if (change.forced) return false;
  // A delete is no part of what the limit publishes.
  if (bonds.length === 0 || change.kind === 'gone') return true;
  const group = ({ as, state }: Bond) => (as === 'let-go' ? [state] : []);
  const letGo = to.bonds.flatMap(group);
  return !bonds.flatMap(group).some((state) => letGo.includes(state));
}

function hold(node: Node, reason: WaitReason, until: Millis): void {
  if (node.change.forced) return;
  // Those of one kind have the same limit: a few tell as much as all.
  let same = 0;
  for (const known of node.holds) if (known.reason.kind === reason.kind) same += 1;
  if (same < REASONS_MAX) node.holds.push({ reason, until });
}
