import { type ReactElement, useState } from 'react';
import type { ReleaseDetails, RollbackPlan } from '../../../../shared/contract/releases.ts';
import { useBridge } from '../../../bridge/bridge-context.ts';
import { go } from '../../../stores/location.ts';
import { useText } from '../../../i18n/use-text.ts';
import { Asked } from '../../../ui/asked.tsx';
import { Confirm } from '../../../ui/confirm.tsx';
import { Check } from '../../../ui/inputs.tsx';
import { useCall } from '../../../ui/use-call.ts';
import { useTask } from '../../../ui/use-task.ts';

/** Named in the question; the others are counted. */
const NAMED = 5;

/** Shows what rolling back would do, and what stands against it, before it is done. */
export function Rollback({ details, onClose }: { details: ReleaseDetails; onClose: () => void }): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const words = t.together.releases;
  const { site, id: release } = details;
  const [force, setForce] = useState(false);
  const { answer } = useCall('release.preview', { site, release });
  const plan = answer.value;
  const { run, busy, refusal } = useTask(async () => {
    const made = await bridge.call('release.rollback', { site, release, force });
    onClose();
    go('together', 'releases', String(made.id));
  });
  const isStopped = plan === undefined || plan.missing.length > 0 || (plan.changedSince.length > 0 && !force);
  return (
    <Confirm
      title={words.askRollBack(details.name)}
      action={words.rollBackNow}
      busy={busy || isStopped}
      refusal={refusal}
      onConfirm={() => run()}
      onClose={onClose}
    >
      <p>{words.rollsBack}</p>
      <Asked answer={answer}>
        {(would) => (
          <>
            <Plan plan={would} />
            {would.changedSince.length > 0 && would.missing.length === 0 && (
              <Check label={words.force} checked={force} onChange={setForce} />
            )}
          </>
        )}
      </Asked>
    </Confirm>
  );
}

function Plan({ plan: { removed, restored, back, changedSince, missing } }: { plan: RollbackPlan }): ReactElement {
  const { t, format } = useText();
  const words = t.together.releases;
  const parts = [
    { paths: removed, text: words.removes, isWarning: false },
    { paths: restored, text: words.restores, isWarning: false },
    { paths: back, text: words.bringsBack, isWarning: false },
    { paths: changedSince, text: words.changedSince, isWarning: true },
    { paths: missing, text: words.missing, isWarning: true },
  ].filter(({ paths }) => paths.length > 0);
  return (
    <>
      {parts.map(({ paths, text, isWarning }) => (
        <details key={text('', 0)} className={isWarning ? 'undo warns' : 'undo'} open={paths.length <= NAMED}>
          <summary>{text(format.number(paths.length), paths.length)}</summary>
          <ul className="mono">
            {paths.slice(0, NAMED).map((path) => (
              <li key={path}>{path}</li>
            ))}
            {paths.length > NAMED && (
              <li className="dim">
                {t.together.waiting.moreFiles(format.number(paths.length - NAMED), paths.length - NAMED)}
              </li>
            )}
          </ul>
        </details>
      ))}
    </>
  );
}
