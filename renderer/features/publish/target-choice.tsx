import { type ReactElement, useState } from 'react';
import type { Target } from '../../../shared/contract/publishing.ts';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { TargetImportForm } from './target-import.tsx';
import { TargetForm } from './target-form.tsx';
import type { Targets } from './use-targets.ts';

interface Props {
  /** undefined: there is none here. */
  site: string | undefined;
  machine: string;
  /** undefined: this master's site. */
  target: string | undefined;
  targets: Targets;
  disabled: boolean;
  onChange: (target: string | undefined) => void;
}

/** No target may have a name that begins like these. */
const HERE = '';
const ADD = '+';
const IMPORT = '+ import';

/** Where drops go: to this master's site, to a saved target, or to one that is added now. */
export function TargetChoice({ site, machine, target, targets, disabled, onChange }: Props): ReactElement {
  const { t } = useText();
  const texts = t.publish.targets;
  const [form, setForm] = useState<{ target: Target | undefined }>();
  const [isImporting, setImporting] = useState(false);
  const chosen = targets.list.find(({ name }) => name === target);
  return (
    <div className="target-choice">
      <label>
        <span className="dim">{texts.to}</span>
        <select
          value={target ?? HERE}
          disabled={disabled}
          onChange={({ target: { value } }) => {
            if (value === ADD) setForm({ target: undefined });
            else if (value === IMPORT) setImporting(true);
            else onChange(value === HERE ? undefined : value);
          }}
        >
          {site !== undefined && <option value={HERE}>{texts.here(site, machine)}</option>}
          {targets.list.map(({ name, host }) => (
            <option key={name} value={name}>
              {`${name} · ${host}`}
            </option>
          ))}
          {/* Not read yet, or not to be read: drops go there all the same. */}
          {target !== undefined && !chosen && <option value={target}>{target}</option>}
          <option value={ADD}>{texts.add}</option>
          <option value={IMPORT}>{t.publish.imports.choice}</option>
        </select>
      </label>
      {chosen && (
        <button type="button" className="button small" onClick={() => setForm({ target: chosen })}>
          {texts.change}
        </button>
      )}
      {targets.refusal !== undefined && <ErrorText error={targets.refusal} />}
      {isImporting && (
        <TargetImportForm
          onClose={() => setImporting(false)}
          onImported={([first]) => {
            setImporting(false);
            targets.again();
            onChange(first);
          }}
        />
      )}
      {form && (
        <TargetForm
          target={form.target}
          onClose={() => setForm(undefined)}
          onSaved={(name) => {
            setForm(undefined);
            targets.again();
            onChange(name);
          }}
          onRemoved={() => {
            setForm(undefined);
            onChange(undefined);
            targets.again();
          }}
        />
      )}
    </div>
  );
}
