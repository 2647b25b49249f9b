import type { ReactElement, ReactNode } from 'react';
import type { ErrorJson } from '../../shared/errors/app-error.ts';
import { useText } from '../i18n/use-text.ts';
import { Dialog } from './dialog.tsx';
import { Refused } from './refused.tsx';

interface Props {
  title: string;
  /** What it does, and to how much. */
  children: ReactNode;
  action: string;
  busy: boolean;
  refusal: ErrorJson | undefined;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something is done that is not undone by a click. */
export function Confirm({ title, children, action, busy, refusal, onConfirm, onClose }: Props): ReactElement {
  const { t } = useText();
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="dialog-text">{children}</div>
      <Refused error={refusal} />
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          {t.dialog.cancel}
        </button>
        <button type="button" className="button danger" disabled={busy} onClick={onConfirm}>
          {action}
        </button>
      </div>
    </Dialog>
  );
}
