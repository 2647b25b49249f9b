import { type ReactElement, type ReactNode, useId } from 'react';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { Refused } from '../../ui/refused.tsx';

export function Panel({
  title,
  action,
  children,
}: {
  title: string;
  action?: ReactNode;
  children: ReactNode;
}): ReactElement {
  return (
    <section className="panel" aria-label={title}>
      <div className="panel-head">
        <h2>{title}</h2>
        {action}
      </div>
      {children}
    </section>
  );
}

interface RowProps {
  name: string;
  value: string;
  onChange: (value: string) => void;
  note?: string | undefined;
  /** Whole numbers from `min` to `max`; absent: any text. */
  number?: { readonly min: number; readonly max?: number };
  required?: boolean;
  /** What was refused about it. */
  refusal?: ErrorJson | undefined;
  children?: ReactNode;
}

/** One thing to set, with what is wrong with it right below. */
export function Row({
  name,
  value,
  onChange,
  note,
  number,
  required = true,
  refusal,
  children,
}: RowProps): ReactElement {
  const id = useId();
  return (
    <div className="fact setting">
      <label className="setting-name" htmlFor={id}>
        {name}
      </label>
      <div className="setting-value">
        <input
          id={id}
          className={number === undefined ? 'mono' : 'setting-number'}
          type={number === undefined ? 'text' : 'number'}
          min={number?.min}
          max={number?.max}
          required={required}
          value={value}
          spellCheck={false}
          autoComplete="off"
          aria-invalid={refusal !== undefined || undefined}
          aria-describedby={note === undefined && refusal === undefined ? undefined : `${id}-note`}
          onChange={(event) => onChange(event.target.value)}
        />
        {children}
        {(note !== undefined || refusal !== undefined) && (
          <span id={`${id}-note`} className="dim setting-note">
            {refusal === undefined ? note : <ErrorText error={refusal} />}
          </span>
        )}
      </div>
    </div>
  );
}

interface SaveProps {
  isChanged: boolean;
  busy: boolean;
  isSaved: boolean;
  refusal: ErrorJson | undefined;
  onDiscard: () => void;
}

/** At the end of a form: there once something has been changed. */
export function SaveBar({ isChanged, busy, isSaved, refusal, onDiscard }: SaveProps): ReactElement {
  const { t } = useText();
  return (
    <div className="save-bar" aria-live="polite">
      <Refused error={refusal} />
      {isChanged ? (
        <>
          <button type="button" className="button" onClick={onDiscard}>
            {t.settings.screen.discard}
          </button>
          <button type="submit" className="button primary" disabled={busy}>
            {t.settings.screen.save}
          </button>
        </>
      ) : (
        isSaved && <span className="dim">{t.settings.screen.saved}</span>
      )}
    </div>
  );
}
