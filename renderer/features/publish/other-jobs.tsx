import type { ReactElement } from 'react';
import { useText } from '../../i18n/use-text.ts';
import { useEngine } from '../../stores/engine-store.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { markOf, placeName, shareOf } from './job-state.ts';
import { concerns, isOpen } from './publish-store.ts';

/** Drops that are under way beside what is shown. */
export function OtherJobs({
  site,
  shown,
  onShow,
}: {
  site: string;
  shown: string | undefined;
  onShow: (id: string) => void;
}): ReactElement | null {
  const { t, format } = useText();
  const texts = t.publish.job;
  const all = useEngine(({ jobs }) => jobs);
  const jobs = all.filter((job) => job.id !== shown && concerns(job, site) && isOpen(job));
  if (jobs.length === 0) return null;
  return (
    <ul className="panel other-jobs" aria-label={texts.underWay}>
      {jobs.map((job) => (
        <li key={job.id}>
          <StateMark state={markOf(job)} />
          <span className="other-job-name">{texts.title(job.name, placeName(job))}</span>
          <span className="dim number">{stateWord(job.state.is, format.percent(shareOf(job) ?? 0))}</span>
          <button type="button" className="button small" onClick={() => onShow(job.id)}>
            {texts.show}
          </button>
        </li>
      ))}
    </ul>
  );

  function stateWord(is: (typeof jobs)[number]['state']['is'], percent: string): string {
    return is === 'sending' ? percent : texts.states[is];
  }
}
