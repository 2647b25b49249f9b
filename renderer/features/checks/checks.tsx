import { type ReactElement, useId, useState } from 'react';
import type { Finding } from '../../../shared/contract/doctor.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { Refused } from '../../ui/refused.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useTask } from '../../ui/use-task.ts';
import type { State } from '../../stores/peer-state.ts';
import { useFindingText } from './finding-text.ts';
import './checks.css';

const marks: Readonly<Record<Finding['level'], State>> = { ok: 'in-step', warning: 'held', problem: 'failing' };
const worstFirst: readonly Finding['level'][] = ['problem', 'warning', 'ok'];

/** Looks on demand at this install, or at the link to a peer: what is not right first, with what to do. */
export function Checks({ peer }: { peer?: string }): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const titleId = useId();
  const [findings, setFindings] = useState<readonly Finding[]>();
  const { run, busy, refusal } = useTask(async () => {
    setFindings((await bridge.call('node.doctor', peer === undefined ? {} : { peer })).findings);
  });
  const texts = t.checks;
  return (
    <section className="panel checks" aria-labelledby={titleId}>
      <div className="panel-head">
        <h2 id={titleId}>{peer === undefined ? texts.title : texts.linkTitle}</h2>
        <button type="button" className="button" disabled={busy} onClick={() => run()}>
          {busy ? texts.running : findings === undefined ? texts.run : texts.again}
        </button>
      </div>
      {findings === undefined && (
        <p className="panel-note dim">{peer === undefined ? texts.explain : texts.linkExplain}</p>
      )}
      <Refused error={refusal} className="panel-note" />
      {findings !== undefined && <Found findings={findings} />}
    </section>
  );
}

function Found({ findings }: { findings: readonly Finding[] }): ReactElement {
  const { t, format } = useText();
  const wrong = worstFirst.flatMap((level) => findings.filter((each) => level !== 'ok' && each.level === level));
  const well = findings.filter(({ level }) => level === 'ok');
  const count = format.number(well.length);
  return (
    <div aria-live="polite">
      {wrong.length > 0 && (
        <ul className="needs-list">
          {wrong.map((finding, index) => (
            <Line key={index} finding={finding} />
          ))}
        </ul>
      )}
      <details className="checks-well">
        <summary>
          <StateMark state="in-step" />
          {wrong.length === 0 ? t.checks.allRight(count, well.length) : t.checks.rest(count, well.length)}
        </summary>
        <ul className="needs-list">
          {well.map((finding, index) => (
            <Line key={index} finding={finding} />
          ))}
        </ul>
      </details>
    </div>
  );
}

function Line({ finding }: { finding: Finding }): ReactElement {
  const { t } = useText();
  const tell = useFindingText();
  const { what, mend } = tell(finding);
  return (
    <li className="need">
      <StateMark state={marks[finding.level]} />
      <div className="need-text">
        <p>
          <span className="visually-hidden">{t.checks.level[finding.level]} </span>
          {finding.subject !== undefined && <span className="tag">{finding.subject}</span>} {what}
        </p>
        {mend !== undefined && <p className="checks-mend">{mend}</p>}
      </div>
    </li>
  );
}
