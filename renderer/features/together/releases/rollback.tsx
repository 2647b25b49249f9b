import { type ReactElement, useState } from 'react';
import type { ReleaseDetails } from '../../../../shared/contract/releases.ts';
import { useBridge } from '../../../app/bridge-context.ts';
import { go } from '../../../app/location.ts';
import { useText } from '../../../i18n/use-text.ts';
import { Confirm } from '../../../ui/confirm.tsx';
import { useTask } from '../../../ui/use-task.ts';
import { undoing } from './change-kinds.ts';

/** Named in the question; the others are counted. */
const NAMED = 5;

/** Shows what rolling back would do before it is done. */
export function Rollback({ details, onClose }: { details: ReleaseDetails; onClose: () => void }): ReactElement {
  const { t, format } = useText();
  const bridge = useBridge();
  const words = t.together.releases;
  const [force, setForce] = useState(false);
  const { run, busy, refusal } = useTask(async () => {
    const made = await bridge.call('release.rollback', { site: details.site, release: details.id, force });
    onClose();
    go('together', 'releases', String(made.id));
  });
  const { removed, restored, back } = undoing(details.changeList);
  const parts = [
    { paths: removed, text: words.removes },
    { paths: restored, text: words.restores },
    { paths: back, text: words.bringsBack },
  ].filter(({ paths }) => paths.length > 0);
  return (
    <Confirm
      title={words.askRollBack(details.name)}
      action={words.rollBackNow}
      busy={busy}
      refusal={refusal}
      onConfirm={() => run()}
      onClose={onClose}
    >
      <p>{words.rollsBack}</p>
      {parts.map(({ paths, text }) => (
        <details key={text('', 0)} className="undo" open={paths.length <= NAMED}>
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
      {refusal?.code === 'release.changed-since' && (
        <label className="check">
          <input type="checkbox" checked={force} onChange={(event) => setForce(event.target.checked)} />
          {words.force}
        </label>
      )}
    </Confirm>
  );
}
