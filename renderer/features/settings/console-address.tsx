import { type ReactElement, useState } from 'react';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { useTask } from '../../ui/use-task.ts';

/** The key goes from the engine to the clipboard, and stays nowhere. */
export function ConsoleAddress(): ReactElement {
  const { t } = useText();
  const texts = t.settings.screen;
  const bridge = useBridge();
  const [copied, setCopied] = useState(false);
  const { run, busy, refusal } = useTask(async () => {
    const { url } = await bridge.call('console.address', {});
    await navigator.clipboard.writeText(url);
    setCopied(true);
  });
  return (
    <div className="fact setting">
      <span className="setting-name" />
      <div className="setting-value">
        <button type="button" className="button" disabled={busy} onClick={() => run()}>
          {copied ? texts.copied : texts.copyAddress}
        </button>
        <span className="dim setting-note">
          {refusal === undefined ? texts.keyNote : <ErrorText error={refusal} />}
        </span>
      </div>
    </div>
  );
}
