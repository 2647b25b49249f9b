import type { ReactElement, ReactNode } from 'react';
import { useText } from '../i18n/use-text.ts';
import { Dialog } from './dialog.tsx';
import { Refused } from './refused.tsx';
import type { useTask } from './use-task.ts';

/** Fields in a dialog, and one thing that is done with them. A refusal is shown below them, and they stay as they are. */
export function DialogForm({
  title,
  task: { run, busy, refusal },
  action,
  ready = true,
  danger = false,
  onClose,
  children,
}: {
  title: string;
  task: ReturnType<typeof useTask<[]>>;
  /** What the button says. */
  action: string;
  /** Nothing is missing. */
  ready?: boolean;
  danger?: boolean;
  onClose: () => void;
  children: ReactNode;
}): ReactElement {
  const { t } = useText();
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        {children}
        <Refused error={refusal} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            {t.dialog.cancel}
          </button>
          <button type="submit" className={danger ? 'button danger' : 'button primary'} disabled={busy || !ready}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
