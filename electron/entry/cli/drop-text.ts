import type { MirrorPlan, PublishJob, PublishPlan } from '../../../shared/contract/publishing.ts';
import { sentence, sentenceParts } from '../../../shared/errors/sentences.en.ts';
import { askedOf } from './asked-of.ts';
import { folderPlanLines } from './release-text.ts';
import { bytes, count, duration, plain, things } from './text.ts';

/** What a drop would change, with what a mirror may not be able to hold. */
export function dropPlanLines(plan: PublishPlan): string[] {
  return [
    ...folderPlanLines(plan, undefined),
    ...(plan.refusedCount > plan.refused.length
      ? [`  ! left out: ${count(plan.refusedCount - plan.refused.length)} more`]
      : []),
    ...(plan.bytes > 0 ? [`To be sent: ${bytes(plan.bytes)}.`] : []),
    ...(plan.bySizeOnly
      ? ['Files of the same size and time count as the same, because the server gives no hashes.']
      : []),
    ...(plan.atOnce ? [] : ['It will appear there file by file, pages after what they link to.']),
    ...plan.mirrors.flatMap(doubtLines),
  ];
}

function doubtLines({ mirror, known, doubts, count: all }: MirrorPlan): string[] {
  if (all === 0) return [];
  const head = known
    ? `${plain(mirror)} cannot hold ${things(all, 'of these as it is', 'of these as they are')}:`
    : `${plain(mirror)} has not said what its disk can hold; ${things(all, 'name')} would not work on every system:`;
  const more = all > doubts.length ? [`  and ${count(all - doubts.length)} more`] : [];
  return [head, ...doubts.map(({ error }) => `  ? ${plain(sentenceParts(error).what)}`), ...more];
}

/** What became of a drop. `same`: see `sentence`. */
export function dropLines(job: PublishJob, same = ''): string[] {
  const { state, name, plan } = job;
  const where = placeOf(job);
  switch (state.is) {
    case 'done': {
      const refused =
        plan && plan.refused > 0
          ? [`${things(plan.refused, 'entry was', 'entries were')} left out: --dry-run says what and why.`]
          : [];
      if (state.changes === 0)
        return [
          `Nothing differs: ${where} already has ${refused.length > 0 ? 'everything else' : 'all of it'}.`,
          ...refused,
        ];
      const as = state.release === undefined ? '' : ` as release ${state.release}`;
      const changed =
        state.changedSince === undefined
          ? []
          : [
              `${things(state.changedSince, 'file was', 'files were')} changed after being sent: publish again to include that.`,
            ];
      return [
        `Published to ${where}${as} “${plain(name)}”: ${things(state.changes, 'change')}.`,
        ...changed,
        ...refused,
      ];
    }
    case 'cancelled':
      return [
        state.kept === 0
          ? 'Cancelled: nothing of it was published.'
          : `Cancelled: ${things(state.kept, 'file')} had already arrived and stay there.`,
      ];
    default:
      return [progressLine(job, same)];
  }
}

/** One line of how far it is. */
export function progressLine(job: PublishJob, same = ''): string {
  const { state, files } = job;
  const sent = `${count(files.done)} of ${things(files.total, 'file')}, ${bytes(job.bytes.done)} of ${bytes(job.bytes.total)}`;
  switch (state.is) {
    case 'queued':
      return 'Waiting for an earlier drop to end.';
    case 'comparing':
      return `Comparing with ${placeOf(job)}…`;
    case 'sending': {
      const rate = state.bytesPerSecond > 0 ? `, ${bytes(state.bytesPerSecond)}/s` : '';
      const left = state.remainingMillis === undefined ? '' : `, about ${duration(state.remainingMillis)} left`;
      const current = state.current[0] === undefined ? '' : `  ${plain(state.current[0])}`;
      return `${sent}${rate}${left}${current}`;
    }
    case 'retrying':
      return `${sentenceParts(state.error).what} Retrying. ${sent}`;
    case 'committing':
      return 'Everything has arrived and is now becoming visible.';
    case 'cancelling':
      return 'Cancelling…';
    case 'stopped':
      return sentence(askedOf(state.error), 'shell', same);
    case 'done':
      return 'Done.';
    case 'cancelled':
      return 'Cancelled.';
  }
}

export function placeOf({ to }: PublishJob): string {
  return plain(to.kind === 'target' ? to.target : (to.site ?? 'the site'));
}
