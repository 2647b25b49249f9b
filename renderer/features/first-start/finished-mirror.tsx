import type { ReactElement } from 'react';
import type { Status } from '../../../shared/contract/status.ts';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { Refused } from '../../ui/refused.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { peerState, type Site } from '../../stores/peer-state.ts';

/** The first synchronisation as it goes on. */
export function FinishedMirror({ site, status }: { site: Site | undefined; status: Status }): ReactElement {
  const { t, format } = useText();
  const texts = t.firstStart.follow;
  const master = site?.peers[0];
  // What keeps the site from being opened, before it has a state of its own.
  const trouble = status.waiting.find(({ kind }) => kind === 'failing')?.error ?? master?.error;
  if (site === undefined || master === undefined) {
    return (
      <div className="step-head">
        <h1>{texts.opening}</h1>
        <Refused error={trouble} />
      </div>
    );
  }
  const state = peerState(master);
  const all = site.files + master.waiting;
  const title = master.inStep
    ? texts.inStep(site.name)
    : master.connected
      ? texts.fetching(site.name, master.name)
      : texts.connecting(master.name);
  return (
    <>
      <div className="step-head">
        <h1 aria-live="polite">
          <StateMark state={state} size={18} />
          {title}
        </h1>
        <p className="dim">{master.inStep ? texts.inStepExplain : texts.explain}</p>
      </div>
      <section className="panel done-panel" aria-label={texts.progress}>
        <meter
          className="first-sync"
          aria-label={texts.progress}
          min={0}
          max={Math.max(all, 1)}
          value={master.inStep ? Math.max(all, 1) : site.files}
        />
        <p className="facts">
          <span>{texts.here(format.number(site.files), site.files)}</span>
          {master.waiting > 0 && <span>{t.mirrors.onTheWay(format.number(master.waiting), master.waiting)}</span>}
          {master.failing > 0 && <span>{t.mirrors.failing(format.number(master.failing), master.failing)}</span>}
        </p>
        <p>
          <span className="dim">{texts.into}</span> <span className="mono breakable">{site.root}</span>
        </p>
        {trouble !== undefined && !master.inStep && (
          <p role="alert">
            <ErrorText error={trouble} />
          </p>
        )}
      </section>
    </>
  );
}
