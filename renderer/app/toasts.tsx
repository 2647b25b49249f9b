import { type ReactElement, useEffect, useEffectEvent, useState } from 'react';
import { useText } from '../i18n/use-text.ts';
import { dismiss, say, type Toast, useToasts } from '../stores/toast-store.ts';
import { ErrorText } from '../ui/error-text.tsx';
import { refusalOf } from '../ui/refusal.ts';
import { isTyping } from './shortcuts.ts';

/** Long enough to read it and to decide; what was refused stays until it is put away. */
const SHOWN_MILLIS = 8000;
const WITH_UNDO_MILLIS = 20_000;

/** What came of what a person did: said by a screen reader too, and with the way back where there is one. */
export function Toasts(): ReactElement {
  const { t } = useText();
  const toasts = useToasts((store) => store.toasts);
  useUndoKey(toasts);
  return (
    <div className="toasts" role="log" aria-live="polite" aria-label={t.frame.outcomes}>
      {toasts.map((toast) => (
        <OneToast key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function OneToast({ toast: { id, said, undo } }: { toast: Toast }): ReactElement {
  const { t } = useText();
  const [isHeld, setHeld] = useState(false);
  const isRefused = typeof said !== 'string';
  useEffect(() => {
    if (isHeld || isRefused) return undefined;
    const timer = setTimeout(() => dismiss(id), undo ? WITH_UNDO_MILLIS : SHOWN_MILLIS);
    return () => clearTimeout(timer);
  }, [id, isHeld, isRefused, undo]);
  return (
    <div
      className={isRefused ? 'toast refused' : 'toast'}
      role={isRefused ? 'alert' : 'presentation'}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span className="toast-text">{isRefused ? <ErrorText error={said} /> : said}</span>
      {undo && (
        <button type="button" className="button quiet small" onClick={() => void takeBack(id, undo)}>
          {t.frame.undo}
        </button>
      )}
      <button type="button" className="button quiet small" aria-label={t.frame.putAway} onClick={() => dismiss(id)}>
        <span aria-hidden="true">×</span>
      </button>
    </div>
  );
}

/** Ctrl or ⌘ with Z takes back the last thing that can be, unless somebody is writing. */
function useUndoKey(toasts: readonly Toast[]): void {
  const press = useEffectEvent((event: KeyboardEvent): void => {
    if (event.code !== 'KeyZ' || event.altKey || isTyping(event)) return;
    if (event.target instanceof Element && event.target.matches('input, textarea, select')) return;
    const found = toasts.findLast(({ undo }) => undo !== undefined);
    if (!found?.undo) return;
    event.preventDefault();
    void takeBack(found.id, found.undo);
  });
  useEffect(() => {
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

async function takeBack(id: number, undo: () => Promise<void>): Promise<void> {
  dismiss(id);
  try {
    await undo();
  } catch (error) {
    say(refusalOf(error));
  }
}
