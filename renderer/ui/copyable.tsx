import { type ReactElement, useState } from 'react';
import { useText } from '../i18n/use-text.ts';
import { useTask } from './use-task.ts';

/** A text that is there to be taken elsewhere. */
export function Copyable({ label, text }: { label: string; text: string }): ReactElement {
  const { t } = useText();
  const [copied, setCopied] = useState('');
  const { run } = useTask(async () => {
    await navigator.clipboard.writeText(text);
    setCopied(text);
  });
  return (
    <div className="copyable">
      <output className="code" aria-label={label}>
        {text}
      </output>
      <button type="button" className="button" onClick={() => run()}>
        {copied === text ? t.copy.done : t.copy.copy}
      </button>
    </div>
  );
}
