import type { ReactElement } from 'react';
import { useBridge } from '../../app/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { useTask } from '../../ui/use-task.ts';

interface FieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

export function TextField({ label, value, onChange, mono = false }: FieldProps & { mono?: boolean }): ReactElement {
  return (
    <label className="field">
      <span>{label}</span>
      <input
        className={mono ? 'mono' : undefined}
        value={value}
        required
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

/** A folder of the machine on which the engine runs: chosen in the desktop app, typed in the browser. */
export function FolderField({ label, value, onChange }: FieldProps): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const { run, busy } = useTask(async () => {
    const { path } = await bridge.call('shell.choose-folder', { title: t.firstStart.chooseTitle });
    if (path !== null) onChange(path);
  });
  return (
    <div className="field-row">
      <TextField label={label} value={value} onChange={onChange} mono />
      {bridge.kind === 'desktop' && (
        <button type="button" className="button" disabled={busy} onClick={() => run()}>
          {t.firstStart.choose}
        </button>
      )}
    </div>
  );
}
