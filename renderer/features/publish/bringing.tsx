import type { ReactElement } from 'react';
import { useText } from '../../i18n/use-text.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import type { Brought } from './bring.ts';
import { ProgressBar } from './job-bar.tsx';

const NOTHING: Brought = { files: { done: 0, total: 0 }, bytes: { done: 0, total: 0 } };

/** What a browser has is on its way to the engine's machine, to be compared there. */
export function Bringing({
  brought = NOTHING,
  machine,
  onCancel,
}: {
  brought: Brought | undefined;
  machine: string;
  onCancel: () => void;
}): ReactElement {
  const { t } = useText();
  const { files, bytes } = brought;
  const total = files.total + bytes.total;
  return (
    <section className="panel publish-job" aria-labelledby="bringing-title">
      <div className="publish-headline">
        <StateMark state="working" size={18} />
        <h2 id="bringing-title">{t.publish.bringing(machine)}</h2>
      </div>
      <ProgressBar
        brought={brought}
        share={total === 0 ? undefined : (files.done + bytes.done) / total}
        look="sending"
      />
      <p className="dim">{t.publish.bringingExplain}</p>
      <div className="publish-actions">
        <button type="button" className="button" onClick={onCancel}>
          {t.publish.cancel}
        </button>
      </div>
    </section>
  );
}
