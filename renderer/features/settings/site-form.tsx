import { type ReactElement, useState } from 'react';
import type { SiteConfig } from '../../../shared/contract/config.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { useTask } from '../../ui/use-task.ts';
import { readSite, type SiteDraft, toSite } from './site-draft.ts';

/** How a site is watched, kept, linked and announced. */
export function SiteForm({
  site,
  onDone,
  onClose,
}: {
  site: SiteConfig;
  onDone: () => void;
  onClose: () => void;
}): ReactElement {
  const { t } = useText();
  const texts = t.settings.screen.sites;
  const bridge = useBridge();
  const [draft, setDraft] = useState(() => readSite(site));
  const change = (news: Partial<SiteDraft>): void => setDraft((before) => ({ ...before, ...news }));
  const task = useTask(async () => {
    await bridge.call('site.set', { name: site.name, ...toSite(draft, site) });
    onDone();
  });
  const number = (key: NumberKey, min = 0, max?: number): ReactElement => (
    <NumberField
      label={texts[key]}
      value={draft[key]}
      min={min}
      max={max}
      onChange={(value) => change({ [key]: value })}
    />
  );
  return (
    <DialogForm title={texts.setTitle(site.name)} task={task} action={t.settings.screen.save} onClose={onClose}>
      <Check label={texts.watch} on={draft.watch} onChange={(watch) => change({ watch })} />
      <div className="settings-grid">
        {number('keepDays', 1, 36_500)}
        {number('versionDays', 0, 3650)}
        {number('versionCount', 0, 1_000_000)}
        {number('versionBytes')}
      </div>
      <Check label={texts.linkWait} on={draft.linkWait} onChange={(linkWait) => change({ linkWait })} />
      <div className="settings-grid">
        {number('linkMissing')}
        {number('linkLate')}
        {number('linkDeleted')}
      </div>
      <label className="field">
        <span>{texts.urls}</span>
        <textarea
          rows={2}
          value={draft.urls}
          spellCheck={false}
          onChange={(event) => change({ urls: event.target.value })}
        />
        <span className="dim">{texts.urlsNote}</span>
      </label>
      <Check label={texts.multicast} on={draft.multicast} onChange={(multicast) => change({ multicast })} />
      {draft.multicast && (
        <div className="settings-grid">
          <label className="field">
            <span>{texts.group}</span>
            <input
              className="mono"
              value={draft.group}
              required
              maxLength={64}
              onChange={(event) => change({ group: event.target.value })}
            />
          </label>
          <NumberField
            label={t.settings.screen.port}
            value={draft.port}
            min={1}
            max={65_535}
            onChange={(port) => change({ port })}
          />
          <label className="field">
            <span>{texts.interface}</span>
            <input
              className="mono"
              value={draft.interface}
              maxLength={100}
              onChange={(event) => change({ interface: event.target.value })}
            />
          </label>
          <NumberField label={texts.ttl} value={draft.ttl} min={0} max={255} onChange={(ttl) => change({ ttl })} />
        </div>
      )}
    </DialogForm>
  );
}

type NumberKey =
  | 'keepDays'
  | 'versionDays'
  | 'versionCount'
  | 'versionBytes'
  | 'linkMissing'
  | 'linkLate'
  | 'linkDeleted';

interface NumberProps {
  label: string;
  value: string;
  min: number;
  max?: number | undefined;
  onChange: (value: string) => void;
}

function NumberField({ label, value, min, max, onChange }: NumberProps): ReactElement {
  return (
    <label className="field">
      <span>{label}</span>
      <input
        type="number"
        value={value}
        min={min}
        max={max}
        required
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

function Check({ label, on, onChange }: { label: string; on: boolean; onChange: (on: boolean) => void }): ReactElement {
  return (
    <label className="check">
      <input type="checkbox" checked={on} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}
