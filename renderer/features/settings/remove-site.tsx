import { type ReactElement, useState } from 'react';
import { useBridge } from '../../app/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { Asked } from '../../ui/asked.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorText } from '../../ui/error-text.tsx';
import { useCall } from '../../ui/use-call.ts';
import { useTask } from '../../ui/use-task.ts';

/** There is no way back: it says what goes, and wants the name typed. */
export function RemoveSite({
  name,
  onDone,
  onClose,
}: {
  name: string;
  onDone: () => void;
  onClose: () => void;
}): ReactElement {
  const { t, format } = useText();
  const texts = t.settings.screen.sites;
  const bridge = useBridge();
  const { answer } = useCall('site.remove', { name, dryRun: true });
  const [typed, setTyped] = useState('');
  const { run, busy, refusal } = useTask(async () => {
    await bridge.call('site.remove', { name });
    onDone();
  });
  return (
    <Dialog title={texts.removeTitle(name)} onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <Asked answer={answer}>
          {({ files, mirrors, accounts }) => (
            <div className="dialog-text">
              <p>{texts.removeFiles(t.settings.files(format.number(files), files))}</p>
              {mirrors.length > 0 && <p>{texts.removeMirrors(mirrors.join(', '))}</p>}
              {accounts > 0 && <p>{texts.removeAccounts(format.number(accounts), accounts)}</p>}
              <p>{texts.removeHistory}</p>
            </div>
          )}
        </Asked>
        <label className="field">
          <span>{texts.removeType(name)}</span>
          <input
            value={typed}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
        {refusal !== undefined && (
          <p role="alert">
            <ErrorText error={refusal} />
          </p>
        )}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            {t.dialog.cancel}
          </button>
          <button type="submit" className="button danger" disabled={busy || typed !== name}>
            {texts.removeDo}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
