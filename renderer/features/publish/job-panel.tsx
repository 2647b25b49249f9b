import type { ReactElement } from 'react';
import type { PublishJob } from '../../../shared/contract/publishing.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { useEngine } from '../../stores/engine-store.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { Refused } from '../../ui/refused.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useTask } from '../../ui/use-task.ts';
import type { Site, State } from '../../stores/peer-state.ts';
import { JobBar } from './job-bar.tsx';
import { markOf, placeName } from './job-state.ts';
import { Progress } from './progress.tsx';
import type { Actions } from './publish-store.ts';
import { NextSteps } from './next-steps.tsx';

interface Props {
  id: string;
  site: Site | undefined;
  actions: Actions;
}

/** A drop from its start to the moment at which it is visible; then the release as it reaches the mirrors. */
export function JobPanel({ id, site, actions }: Props): ReactElement {
  const { t } = useText();
  const job = useEngine(({ jobs }) => jobs.find((each) => each.id === id));
  if (!job) return <Ended text={t.publish.job.gone} actions={actions} />;
  const { state, to } = job;
  if (state.is === 'done' && to.kind === 'site' && state.release !== undefined && site)
    return (
      <>
        <Progress id={state.release} site={site} actions={actions} />
        <ChangedSince job={job} />
      </>
    );
  if (state.is === 'done' || state.is === 'cancelled')
    return (
      <>
        <Outcome job={job} actions={actions} />
        <ChangedSince job={job} />
      </>
    );
  return <Running job={job} actions={actions} />;
}

/** Somebody has worked on the folder meanwhile. */
function ChangedSince({ job: { state } }: { job: PublishJob }): ReactElement | null {
  const { t, format } = useText();
  if (state.is !== 'done' || state.changedSince === undefined) return null;
  const { changedSince } = state;
  return (
    <p role="status" className="panel publish-problem">
      {t.publish.job.changedSince(format.number(changedSince), changedSince)}
    </p>
  );
}

function Running({ job, actions }: { job: PublishJob; actions: Actions }): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const texts = t.publish.job;
  const { id, state } = job;
  const cancel = useTask(async () => {
    await bridge.call('publish.cancel', { job: id });
  });
  const goOn = useTask(async (allowDeletes: boolean) => {
    await bridge.call('publish.resume', { job: id, allowDeletes });
  });
  const canCancel = state.is !== 'committing' && state.is !== 'cancelling';
  const refusal = cancel.refusal ?? goOn.refusal;
  return (
    <>
      <section className="panel publish-job" aria-labelledby="job-title">
        <div className="publish-headline">
          <StateMark state={markOf(job)} size={18} />
          <h2 id="job-title">{texts.title(job.name, placeName(job))}</h2>
        </div>
        <JobBar job={job} />
        <Said job={job} onDelete={() => goOn.run(true)} />
        <Refused error={refusal} />
        <div className="publish-actions">
          <button type="button" className="button" disabled={!canCancel || cancel.busy} onClick={() => cancel.run()}>
            {state.is === 'cancelling' ? texts.cancelling : texts.cancel}
          </button>
          {state.is === 'stopped' && !isGuard(state.error) && (
            <button type="button" className="button primary" disabled={goOn.busy} onClick={() => goOn.run(false)}>
              {texts.goOn}
            </button>
          )}
        </div>
      </section>
      <p className="publish-after">
        <button type="button" className="button" onClick={() => actions.reset()}>
          {t.publish.another}
        </button>
        {state.is !== 'stopped' && <span className="dim">{texts.goesOnAnyway}</span>}
      </p>
    </>
  );
}

/** One line of what it is at, or what has stopped it. */
function Said({ job, onDelete }: { job: PublishJob; onDelete: () => void }): ReactElement {
  const { t, format, sentence } = useText();
  const texts = t.publish.job;
  const now = useNow(1000);
  const { state } = job;
  switch (state.is) {
    case 'queued':
      return <p className="dim">{texts.queued}</p>;
    case 'comparing':
      return <p className="dim">{texts.comparing}</p>;
    case 'sending':
      return (
        <p className="publish-current mono dim" title={state.current.join('\n')}>
          {state.current[0] ?? '\u00a0'}
          {state.current.length > 0 && state.bytesPerSecond === 0 && ` · ${texts.readsFirst}`}
        </p>
      );
    case 'committing':
      return <output>{texts.committing}</output>;
    case 'cancelling':
      return <output className="dim">{texts.clearing}</output>;
    case 'retrying':
      return (
        <output className="publish-trouble">
          {sentence(state.error)} {texts.retries(format.duration(Math.max(1000, roundUp(state.at - now))))}
        </output>
      );
    case 'stopped':
      return isGuard(state.error) ? (
        <Guard error={state.error} onDelete={onDelete} />
      ) : (
        <p role="alert" className="publish-trouble">
          <ErrorText error={state.error} />
        </p>
      );
    case 'done':
    case 'cancelled':
      return <p />;
  }
}

function Guard({ error, onDelete }: { error: ErrorJson; onDelete: () => void }): ReactElement {
  const { t, format } = useText();
  const [count, of] = [Number(error.params['count']), Number(error.params['of'])];
  return (
    <div role="alert" className="publish-refusal">
      <p>{t.publish.deletesMuch(format.number(count), format.number(of))}</p>
      <button type="button" className="button" onClick={onDelete}>
        {t.publish.deleteAnyway(format.number(count))}
      </button>
    </div>
  );
}

/** Nothing follows it: it was cancelled, nothing differed, or it went to a server that tells of no mirrors. */
function Outcome({ job, actions }: { job: PublishJob; actions: Actions }): ReactElement {
  const { t, format } = useText();
  const texts = t.publish.job;
  const { state } = job;
  if (state.is === 'cancelled') {
    const text = state.kept === 0 ? texts.cancelled : texts.cancelledKept(format.number(state.kept), state.kept);
    return <Ended text={text} actions={actions} />;
  }
  const changes = state.is === 'done' ? state.changes : 0;
  if (changes === 0) {
    const refused = job.plan?.refused ?? 0;
    const detail = refused === 0 ? undefined : t.publish.counts.refused(format.number(refused));
    return <Ended text={t.publish.nothing} detail={detail} actions={actions} />;
  }
  return (
    <Ended
      text={texts.arrived(placeName(job), format.number(changes), changes)}
      detail={job.endedAt === undefined ? undefined : texts.took(format.duration(job.endedAt - job.startedAt))}
      actions={actions}
      mark="in-step"
    />
  );
}

function Ended({
  text,
  detail,
  actions,
  mark = 'unknown',
}: {
  text: string;
  detail?: string | undefined;
  actions: Actions;
  mark?: State;
}): ReactElement {
  return (
    <>
      <section className="panel publish-job">
        <div className="publish-headline">
          <StateMark state={mark} size={18} />
          <h2 aria-live="polite">{text}</h2>
        </div>
        {detail !== undefined && <p className="dim">{detail}</p>}
      </section>
      <NextSteps actions={actions} />
    </>
  );
}

function isGuard({ code }: ErrorJson): boolean {
  return code === 'guard.held';
}

function roundUp(millis: number): number {
  return Math.ceil(millis / 1000) * 1000;
}
