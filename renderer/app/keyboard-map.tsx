import type { ReactElement } from 'react';
import { useText } from '../i18n/use-text.ts';
import { Dialog } from '../ui/dialog.tsx';
import { shortcuts } from './shortcuts.ts';

const parts = ['everywhere', 'lists'] as const;

/** What the keyboard does. */
export function KeyboardMap({ onClose }: { onClose: () => void }): ReactElement {
  const { t } = useText();
  const words = t.frame.keyboard;
  return (
    <Dialog title={words.title} onClose={onClose}>
      {parts.map((part) => (
        <section key={part} aria-label={words.parts[part]}>
          <h3 className="keyboard-part">{words.parts[part]}</h3>
          <dl className="keyboard">
            {shortcuts[part].map(({ keys, does }) => (
              <div key={does}>
                <dt>{words.keys[does]}</dt>
                <dd>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          {t.dialog.close}
        </button>
      </div>
    </Dialog>
  );
}
