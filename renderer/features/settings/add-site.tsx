import { type ReactElement, useState } from 'react';
import { useBridge } from '../../app/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorText } from '../../ui/error-text.tsx';
import { useTask } from '../../ui/use-task.ts';
import { Field, FolderField } from '../first-start/field.tsx';

export function AddSite({ onDone, onClose }: { onDone: () => void; onClose: () => void }): ReactElement {
  const { t } = useText();
  const texts = t.settings.screen.sites;
  const bridge = useBridge();
  const [name, setName] = useState('');
  const [root, setRoot] = useState('');
  const [watch, setWatch] = useState(false);
  const { run, busy, refusal } = useTask(async () => {
    await bridge.call('site.add', { name: name.trim(), root: root.trim(), watch });
    onDone();
  });
  return (
    <Dialog title={texts.addTitle} onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <Field label={texts.name} value={name} onChange={setName} />
        <FolderField label={texts.folder} value={root} onChange={setRoot} />
        <label className="check">
          <input type="checkbox" checked={watch} onChange={(event) => setWatch(event.target.checked)} />
          {texts.watch}
        </label>
        {busy && <output className="dim">{texts.rescanning}</output>}
        {refusal !== undefined && (
          <p role="alert">
            <ErrorText error={refusal} />
          </p>
        )}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            {t.dialog.cancel}
          </button>
          <button type="submit" className="button primary" disabled={busy}>
            {texts.add}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
