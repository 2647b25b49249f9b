import type { ReactElement } from 'react';
import { useText } from '../../i18n/use-text.ts';
import { Check, TextField } from '../../ui/inputs.tsx';
import type { TargetDraft } from './target-draft.ts';

interface Props {
  draft: TargetDraft;
  isNew: boolean;
  disabled: boolean;
  onChange: (draft: TargetDraft) => void;
}

type TextKey = 'name' | 'host' | 'port' | 'user' | 'password' | 'folder';

export function TargetFields({ draft, isNew, disabled, onChange }: Props): ReactElement {
  const { t } = useText();
  const texts = t.publish.targets;
  const text = (key: TextKey) => ({
    label: texts[key],
    value: draft[key],
    disabled,
    onChange: (value: string) => onChange({ ...draft, [key]: value }),
  });
  return (
    <>
      <TextField {...text('name')} required maxLength={64} disabled={disabled || !isNew} />
      <fieldset className="radios" disabled={disabled}>
        <legend className="dim">{texts.protocol}</legend>
        {(['ftps', 'ftp'] as const).map((protocol) => (
          <label key={protocol}>
            <input
              type="radio"
              name="target-protocol"
              checked={draft.protocol === protocol}
              onChange={() => onChange({ ...draft, protocol })}
            />
            <span>
              {texts.protocols[protocol]}
              {protocol === 'ftp' && draft.protocol === 'ftp' && (
                <strong className="target-warning">{texts.plainWarning}</strong>
              )}
            </span>
          </label>
        ))}
      </fieldset>
      <div className="pair target-address">
        <TextField {...text('host')} mono required maxLength={255} placeholder="ftp.example.com" />
        <TextField {...text('port')} mono type="number" required min={1} max={65535} className="target-port" />
      </div>
      <div className="pair">
        <TextField {...text('user')} required maxLength={128} />
        <TextField
          {...text('password')}
          type="password"
          required={isNew}
          maxLength={256}
          placeholder={isNew ? '' : texts.passwordStays}
          autoComplete="new-password"
        />
      </div>
      <Check
        label={texts.remember}
        checked={draft.remember}
        disabled={disabled}
        onChange={(remember) => onChange({ ...draft, remember })}
      />
      <TextField {...text('folder')} mono maxLength={1024} placeholder={texts.folderHint} />
    </>
  );
}
