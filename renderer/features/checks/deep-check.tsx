import { type ReactElement, useEffect, useId, useState } from 'react';
import type { DeepPeer, DeepReport, DeepTally } from '../../../shared/contract/deep.ts';
import { beside, differing, leftAsItIs, toMend } from '../../../shared/domain/differing.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { Refused } from '../../ui/refused.tsx';
import { PathText } from '../../ui/path-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useTask } from '../../ui/use-task.ts';

const LOOK_MILLIS = 500;

type Role = 'master' | 'mirror';

/** Reads all of every site, on demand, with how far it is and a way to break it off; then mends, if a person says so. */
export function DeepCheck({ role }: { role: Role }): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const titleId = useId();
  const [reports, setReports] = useState<readonly DeepReport[]>([]);
  const running = reports.some(({ state }) => state === 'running');
  const start = useTask(async (mend: boolean) => setReports(await bridge.call('deep.start', { mend })));
  const cancel = useTask(async () => setReports(await bridge.call('deep.cancel', {})));
  useEffect(() => {
    let wanted = true;
    // One may be under way that somebody else has begun; an engine that cannot say has none.
    const look = async (): Promise<void> => {
      const found = await bridge.call('deep.list', {}).catch(() => undefined);
      if (wanted && found) setReports(found);
    };
    if (!running) void look();
    const timer = running ? setInterval(() => void look(), LOOK_MILLIS) : undefined;
    return () => {
      wanted = false;
      clearInterval(timer);
    };
  }, [bridge, running]);
  const texts = t.checks.deep;
  const refusal = start.refusal ?? cancel.refusal;
  const canMend = !running && reports.some((report) => toMend(report, role) > 0);
  return (
    <section className="panel checks" aria-labelledby={titleId}>
      <div className="panel-head">
        <h2 id={titleId}>{texts.title}</h2>
        {running ? (
          <button type="button" className="button" disabled={cancel.busy} onClick={() => cancel.run()}>
            {texts.cancel}
          </button>
        ) : (
          <button type="button" className="button" disabled={start.busy} onClick={() => start.run(false)}>
            {texts.run}
          </button>
        )}
      </div>
      {reports.length === 0 && <p className="panel-note dim">{texts.explain}</p>}
      <Refused error={refusal} className="panel-note" />
      {reports.length > 0 && (
        <ul className="needs-list" aria-live="polite">
          {reports.map((report) => (
            <Report key={report.site} report={report} role={role} />
          ))}
        </ul>
      )}
      {canMend && (
        <p className="panel-note">
          <button type="button" className="button" disabled={start.busy} onClick={() => start.run(true)}>
            {texts.mend}
          </button>{' '}
          <span className="dim">{texts.mendExplain}</span>
        </p>
      )}
    </section>
  );
}

function Report({ report, role }: { report: DeepReport; role: Role }): ReactElement {
  const { t, format } = useText();
  const texts = t.checks.deep;
  const { site, state, files, of, bytes, error, moving, mended, toWatch = 0 } = report;
  const count = differing(report, role);
  const words = {
    running: texts.phase[report.phase](format.number(files), format.number(of), format.bytes(bytes)),
    done: count === 0 ? texts.sound(format.number(files), files) : texts.differs(format.number(count), count),
    cancelled: texts.cancelled(format.number(files), files),
    failed: texts.failed,
  }[state];
  return (
    <li className="need">
      <StateMark state={markOf(report, count)} />
      <div className="need-text">
        <p>
          <span className="tag">{site}</span> {words}
          {mended > 0 && ` ${texts.mended(format.number(mended), mended)}`}
        </p>
        {state === 'running' && (
          <progress max={Math.max(1, of)} value={files} aria-label={texts.progress} className="checks-progress" />
        )}
        {error !== undefined && (
          <p>
            <ErrorText error={error} />
          </p>
        )}
        <Differences tally={report} role={role} />
        {leftAsItIs(report, role) > 0 && <p className="checks-mend">{texts.leftAsItIs}</p>}
        {toWatch > 0 && <p className="checks-mend">{texts.toWatch(format.number(toWatch), toWatch)}</p>}
        {moving > 0 && <p className="checks-mend">{texts.moving(format.number(moving), moving)}</p>}
        {report.peers.map((peer) => (
          <Peer key={peer.name} peer={peer} role={otherRole(role)} />
        ))}
      </div>
    </li>
  );
}

function Peer({ peer, role }: { peer: DeepPeer; role: Role }): ReactElement {
  const { t, format } = useText();
  const texts = t.checks.deep;
  const { name, state, tally, error } = peer;
  const count = tally ? differing(tally, role) : 0;
  const words = state === 'done' && count > 0 ? texts.differs(format.number(count), count) : texts.peer[state];
  return (
    <div className="checks-peer">
      <p>
        <span className="tag">{name}</span> {words}
        {tally && tally.mended > 0 && ` ${texts.mended(format.number(tally.mended), tally.mended)}`}
      </p>
      {error !== undefined && (
        <p>
          <ErrorText error={error} />
        </p>
      )}
      {tally && <Differences tally={tally} role={role} />}
    </div>
  );
}

function Differences({ tally, role }: { tally: DeepTally; role: Role }): ReactElement | null {
  const { t, format } = useText();
  const texts = t.checks.deep;
  const listed = tally.differences.length;
  const left = Object.values(tally.counts).reduce((sum, count) => sum + count, 0) - listed;
  const others = beside(tally, role);
  if (listed === 0) return null;
  return (
    <>
      {others > 0 && <p className="checks-mend">{texts.beside(format.number(others), others)}</p>}
      <details className="checks-differences">
        <summary>{texts.show}</summary>
        <ul>
          {tally.differences.map(({ kind, path }) => (
            <li key={`${kind} ${path}`}>
              <PathText path={path} /> <span className="dim">{texts.kind[kind]}</span>
            </li>
          ))}
          {left > 0 && <li>{texts.more(format.number(left))}</li>}
        </ul>
      </details>
    </>
  );
}

function otherRole(role: Role): Role {
  return role === 'master' ? 'mirror' : 'master';
}

function markOf({ state, mended, toWatch = 0 }: DeepReport, count: number): Parameters<typeof StateMark>[0]['state'] {
  switch (state) {
    case 'running':
      return 'working';
    case 'done':
      if (count === 0) return 'in-step';
      return mended + toWatch >= count ? 'working' : 'failing';
    case 'cancelled':
      return 'held';
    case 'failed':
      return 'failing';
  }
}
