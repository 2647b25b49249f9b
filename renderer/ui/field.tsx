import { type ReactElement, type ReactNode, useId, useRef } from 'react';
import { useBridge } from '../bridge/bridge-context.ts';
import { useText } from '../i18n/use-text.ts';
import { useTask } from './use-task.ts';

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** What is known of the value: that it is right, or what is wrong with it. */
  note?: ReactNode;
  isWrong?: boolean;
  mono?: boolean;
  /** The first of a step: the keyboard begins there. */
  first?: boolean;
  disabled?: boolean;
}

/** One line to type, with what is wrong with it right below. */
export function Field({
  label,
  value,
  onChange,
  note,
  isWrong = false,
  mono = false,
  first = false,
  disabled = false,
}: Props): ReactElement {
  const noteId = useId();
  return (
    <div className="field-and-note">
      <label className="field">
        <span>{label}</span>
        <input
          className={mono ? 'mono' : undefined}
          data-first={first || undefined}
          value={value}
          required
          disabled={disabled}
          autoComplete="off"
          spellCheck={false}
          aria-invalid={isWrong || undefined}
          aria-describedby={noteId}
          onChange={(event) => onChange(event.target.value)}
        />
      </label>
      <Note id={noteId} isWrong={isWrong}>
        {note}
      </Note>
    </div>
  );
}

/** A folder of the machine on which the engine runs: chosen or dropped in the desktop app, typed in the browser. */
export function FolderField(props: Omit<Props, 'mono'>): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const place = useRef<HTMLDivElement>(null);
  const { run, busy } = useTask(async () => {
    const { path } = await bridge.call('shell.choose-folder', { title: props.label });
    if (path === null) return;
    props.onChange(path);
    // From the field Enter goes on; from the button it would choose once more.
    place.current?.querySelector('input')?.focus();
  });
  return (
    <div className="folder-field" ref={place}>
      <Field {...props} mono />
      {bridge.kind === 'desktop' && (
        <button type="button" className="button" disabled={busy} onClick={() => run()}>
          {t.firstStart.choose}
        </button>
      )}
    </div>
  );
}

/** Always there, so that what comes into it is read out. */
export function Note({ id, isWrong, children }: { id: string; isWrong: boolean; children: ReactNode }): ReactElement {
  return (
    <p id={id} className={isWrong ? 'field-note wrong' : 'field-note'} aria-live="polite">
      {children}
    </p>
  );
}
