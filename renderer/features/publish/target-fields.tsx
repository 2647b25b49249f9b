import type { ReactElement } from 'react';
import { useText } from '../../i18n/use-text.ts';
import type { TargetDraft } from './target-draft.ts';

interface Props {
  draft: TargetDraft;
  isNew: boolean;
  disabled: boolean;
  onChange: (draft: TargetDraft) => void;
}

export function TargetFields({ draft, isNew, disabled, onChange }: Props): ReactElement {
  const { t } = useText();
  const texts = t.publish.targets;
  const set = (change: Partial<TargetDraft>): void => onChange({ ...draft, ...change });
  return (
    <>
      <label className="field">
        <span>{texts.name}</span>
        <input
          value={draft.name}
          required
          maxLength={64}
          disabled={disabled || !isNew}
          autoComplete="off"
          onChange={({ target }) => set({ name: target.value })}
        />
      </label>
      <fieldset className="radios" disabled={disabled}>
        <legend className="dim">{texts.protocol}</legend>
        {(['ftps', 'ftp'] as const).map((protocol) => (
          <label key={protocol}>
            <input
              type="radio"
              name="target-protocol"
              checked={draft.protocol === protocol}
              onChange={() => set({ protocol })}
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
        <label className="field">
          <span>{texts.host}</span>
          <input
            className="mono"
            value={draft.host}
            required
            maxLength={255}
            disabled={disabled}
            placeholder="ftp.example.com"
            autoComplete="off"
            spellCheck={false}
            onChange={({ target }) => set({ host: target.value })}
          />
        </label>
        <label className="field target-port">
          <span>{texts.port}</span>
          <input
            className="mono"
            type="number"
            value={draft.port}
            required
            min={1}
            max={65535}
            disabled={disabled}
            onChange={({ target }) => set({ port: target.value })}
          />
        </label>
      </div>
      <div className="pair">
        <label className="field">
          <span>{texts.user}</span>
          <input
            value={draft.user}
            required
            maxLength={128}
            disabled={disabled}
            autoComplete="off"
            spellCheck={false}
            onChange={({ target }) => set({ user: target.value })}
          />
        </label>
        <label className="field">
          <span>{texts.password}</span>
          <input
            type="password"
            value={draft.password}
            required={isNew}
            maxLength={256}
            disabled={disabled}
            placeholder={isNew ? '' : texts.passwordStays}
            autoComplete="new-password"
            onChange={({ target }) => set({ password: target.value })}
          />
        </label>
      </div>
      <label className="check">
        <input
          type="checkbox"
          checked={draft.remember}
          disabled={disabled}
          onChange={({ target }) => set({ remember: target.checked })}
        />
        <span>{texts.remember}</span>
      </label>
      <label className="field">
        <span>{texts.folder}</span>
        <input
          className="mono"
          value={draft.folder}
          maxLength={1024}
          disabled={disabled}
          placeholder={texts.folderHint}
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => set({ folder: target.value })}
        />
      </label>
    </>
  );
}
