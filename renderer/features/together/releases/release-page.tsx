import { type ReactElement, useState } from 'react';
import type { ReleaseDetails } from '../../../../shared/contract/releases.ts';
import { addressOf } from '../../../stores/location.ts';
import { useBridge } from '../../../bridge/bridge-context.ts';
import { useText } from '../../../i18n/use-text.ts';
import { useEngine } from '../../../stores/engine-store.ts';
import { Asked } from '../../../ui/asked.tsx';
import { Refused } from '../../../ui/refused.tsx';
import { useCall } from '../../../ui/use-call.ts';
import { useTask } from '../../../ui/use-task.ts';
import { Compare } from './compare.tsx';
import { convergence } from './convergence.ts';
import { ReleaseChanges } from './release-changes.tsx';
import { ReleaseScore } from './release-score.tsx';
import { ReleaseState } from './release-state.tsx';
import { Rollback } from './rollback.tsx';

/** One release: how it reached each mirror, what is in it, and what can be done about it. */
export function ReleasePage({ site, release }: { site: string; release: number }): ReactElement {
  const { t } = useText();
  const { answer, again } = useCall('release.show', { site, release });
  return (
    <>
      <p>
        <a href={addressOf('together', 'releases')}>← {t.together.releases.all}</a>
      </p>
      <Asked answer={answer}>{(details) => <Details details={details} onDone={again} />}</Asked>
    </>
  );
}

function Details({ details, onDone }: { details: ReleaseDetails; onDone: () => void }): ReactElement {
  const { t, format } = useText();
  const bridge = useBridge();
  const master = useEngine((engine) => engine.status?.node.name ?? '');
  const words = t.together.releases;
  const [asking, setAsking] = useState(false);
  const { state, ready, of } = convergence(details);
  const go = useTask(async () => {
    await bridge.call('release.go', { site: details.site, release: details.id });
    onDone();
  });
  return (
    <>
      <section className="panel" aria-label={details.name}>
        <div className="panel-head">
          <h2>{details.name}</h2>
          <div className="card-actions">
            {state === 'waits for the word' && (
              <button type="button" className="button" disabled={go.busy} onClick={() => go.run()}>
                {ready === of ? words.giveWord : words.giveWordAnyway(ready, of)}
              </button>
            )}
            <button type="button" className="button" onClick={() => setAsking(true)}>
              {words.rollBack}
            </button>
          </div>
        </div>
        <div className="card-body">
          <ReleaseState release={details} />
          <p className="facts">
            <time dateTime={new Date(details.at).toISOString()}>{format.exact(details.at)}</time>
            <span>{words.byWhom(details.by)}</span>
            <span>{words.changes(format.number(details.changes), details.changes)}</span>
            {details.reverts !== undefined && (
              <a href={addressOf('together', 'releases', String(details.reverts))}>{words.reverts}</a>
            )}
          </p>
          {details.together !== undefined && (
            <p className="dim">
              {details.goAt === undefined
                ? words.togetherWaits(format.duration(details.together.limit))
                : words.togetherWent(format.duration(details.goAt - details.at))}
            </p>
          )}
          <Refused error={go.refusal} />
        </div>
        {of > 0 && <ReleaseScore release={details} master={master} />}
        {of > 0 && <Mirrors details={details} />}
      </section>
      <ReleaseChanges changes={details.changeList} total={details.changes} />
      <Compare site={details.site} release={details.id} />
      {asking && <Rollback details={details} onClose={() => setAsking(false)} />}
    </>
  );
}

/** What the score shows, as a table. */
function Mirrors({ details: { at, peers } }: { details: ReleaseDetails }): ReactElement {
  const { t, format } = useText();
  const words = t.together.releases;
  const after = (time: number | undefined): ReactElement | string =>
    time === undefined ? '–' : <span title={format.exact(time)}>+{format.duration(Math.max(0, time - at))}</span>;
  return (
    <table className="rows release-mirrors">
      <thead>
        <tr>
          <th scope="col">{words.mirror}</th>
          <th scope="col" className="number">
            {words.ready}
          </th>
          <th scope="col" className="number">
            {words.shown}
          </th>
        </tr>
      </thead>
      <tbody>
        {peers.map(({ peer, readyAt, publishedAt }) => (
          <tr key={peer}>
            <td>{peer}</td>
            <td className="number">{after(readyAt)}</td>
            <td className="number">{after(publishedAt)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
