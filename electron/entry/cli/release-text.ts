import type {
  Comparison,
  FolderPlan,
  Release,
  ReleaseChange,
  ReleaseDetails,
  RollbackPlan,
} from '../../../shared/contract/releases.ts';
import type { PublishPlan } from '../../../shared/contract/publishing.ts';
import { sentenceParts } from '../../../shared/errors/sentences.en.ts';
import { bytes, count, duration, moment, plain, table, things } from './text.ts';

/** `Release 120 “spring”`. */
export function releaseTitle({ id, name }: Pick<Release, 'id' | 'name'>): string {
  return `release ${id} “${plain(name)}”`;
}

/** One row of a table. */
export function releaseLine(release: Release): string[] {
  const { id, site, name, at, by, changes } = release;
  return [String(id), moment(at), site, plain(name), by, things(changes, 'change'), howFar(release)];
}

export function releaseDetailLines(release: ReleaseDetails): string[] {
  const { id, site, name, at, by, changes, reverts, together, goAt, peers, convergedMillis, skewMillis } = release;
  const kinds = Object.groupBy(release.changeList, signOf);
  return [
    `${id} · ${plain(name)} · ${site} · ${moment(at)} · by ${by} · ${things(changes, 'change')}`,
    ...(reverts === undefined ? [] : [`Undoes release ${reverts}.`]),
    ...(together
      ? [
          goAt === undefined
            ? 'Together; the word has not been given.'
            : `Together; the word was given ${duration(goAt - at)} after the commit.`,
        ]
      : []),
    ...(convergedMillis === undefined ? [] : [`Everywhere after ${duration(convergedMillis)}.`]),
    ...(skewMillis === undefined ? [] : [`${duration(skewMillis)} between the first mirror and the last.`]),
    ...(peers.length === 0 ? [] : ['', 'Mirrors']),
    ...table(peers.map((peer) => [`  ${peer.peer}`, ...peerCells(at, peer)])),
    '',
    `Changes: ${SIGNS.map((sign) => `${count(kinds[sign]?.length ?? 0)} ${WORDS[sign]}`).join(', ')}`,
    ...release.changeList.map((change) => `  ${signOf(change)} ${plain(change.path)}`),
  ];
}

/** `sizes`: in bytes, of what is sent, in the order of the lists; null for a folder. */
export function folderPlanLines(
  plan: FolderPlan & { readonly sizes?: PublishPlan['sizes'] },
  release: Release | undefined,
): string[] {
  const summary = `${count(plan.new.length)} new, ${count(plan.changed.length)} changed, ${count(plan.deleted.length)} deleted, ${count(plan.unchanged)} as before`;
  const refused = plan.refused.map(({ error }) => `  ! left out: ${sentenceParts(error).what}`);
  if (release) return [`Published as ${releaseTitle(release)}: ${summary}.`, ...refused];
  // In the order in which a person looks for them, not in that in which they are done.
  const paths = (sign: string, list: readonly string[], sizes: readonly (number | null)[] = []): string[] =>
    list
      .map((path, at) => ({ path, size: sizes[at] ?? null }))
      .toSorted((one, other) => (one.path < other.path ? -1 : 1))
      .map(({ path, size }) => `  ${sign} ${plain(path)}${size === null ? '' : `  ${bytes(size)}`}`);
  if (plan.new.length + plan.changed.length + plan.deleted.length === 0)
    return [`Nothing differs: ${things(plan.unchanged, 'file is', 'files are')} as before.`, ...refused];
  return [
    `Nothing is published yet: ${summary}.`,
    ...paths('+', plan.new, plan.sizes?.new),
    ...paths('~', plan.changed, plan.sizes?.changed),
    ...paths('-', plan.deleted),
    ...refused,
  ];
}

export function rollbackPlanLines({ removed, restored, back, changedSince, missing }: RollbackPlan): string[] {
  const paths = (sign: string, list: readonly string[]): string[] => list.map((path) => `  ${sign} ${plain(path)}`);
  const held = [
    ...(missing.length === 0
      ? []
      : [`It is refused: ${things(missing.length, 'version')} from before are no longer kept.`]),
    ...(changedSince.length === 0
      ? []
      : [`${things(changedSince.length, 'path')} changed since: only --force puts the older version back there.`]),
  ];
  return [
    `A rollback would remove ${count(removed.length)}, restore ${count(restored.length)} and bring back ${count(back.length)}.`,
    ...paths('-', removed),
    ...paths('~', restored),
    ...paths('+', back),
    ...held,
    ...paths('?', missing),
    ...paths('!', changedSince),
  ];
}

export function comparisonLines({ from, to, changeList }: Comparison): string[] {
  if (changeList.length === 0)
    return [`After ${releaseTitle(from)} and after ${releaseTitle(to)} the site is the same.`];
  return [
    `From ${releaseTitle(from)} to ${releaseTitle(to)}: ${things(changeList.length, 'path')}.`,
    ...changeList.map(({ path, from: was, to: is }) => {
      const sign = was?.kind === 'gone' ? '+' : is?.kind === 'gone' ? '-' : '~';
      return `  ${sign} ${plain(path)}`;
    }),
  ];
}

const WORDS = { '+': 'new', '~': 'changed', '-': 'deleted' } as const;
const SIGNS = ['+', '~', '-'] as const;

/** Without what came after (the journal does not reach back so far) a change counts as one of what stood there. */
function signOf({ before, after }: ReleaseChange): '+' | '~' | '-' {
  if (before.kind === 'gone') return '+';
  return after?.kind === 'gone' ? '-' : '~';
}

function howFar({ peers, convergedMillis, skewMillis, together, goAt }: Release): string {
  if (peers.length === 0) return 'no mirrors';
  if (convergedMillis !== undefined) {
    const skew = skewMillis === undefined ? '' : `, skew ${duration(skewMillis)}`;
    return `everywhere after ${duration(convergedMillis)}${skew}`;
  }
  const published = peers.filter(({ publishedAt }) => publishedAt !== undefined).length;
  const ready = peers.filter(({ readyAt }) => readyAt !== undefined).length;
  if (together && goAt === undefined) return `${ready} of ${things(peers.length, 'mirror')} ready`;
  return `at ${published} of ${things(peers.length, 'mirror')}`;
}

function peerCells(at: number, { readyAt, publishedAt }: Release['peers'][number]): string[] {
  if (publishedAt !== undefined) return ['shown', `after ${duration(publishedAt - at)}`];
  return readyAt === undefined ? ['on its way', ''] : ['ready', `after ${duration(readyAt - at)}`];
}
