import { type ReactElement, useState } from 'react';
import type { SiteConfig } from '../../../shared/contract/config.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { Check, TextField } from '../../ui/inputs.tsx';
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
  const [root, setRoot] = useState(site.root);
  const change = (news: Partial<SiteDraft>): void => setDraft((before) => ({ ...before, ...news }));
  const task = useTask(async () => {
    await bridge.call('site.set', {
      name: site.name,
      ...(root.trim() !== site.root && { root: root.trim() }),
      ...toSite(draft, site),
    });
    onDone();
  });
  const number = (key: NumberKey, min = 0, max?: number): ReactElement => (
    <TextField
      type="number"
      label={key === 'port' ? t.settings.screen.port : texts[key]}
      value={draft[key]}
      min={min}
      max={max}
      required
      onChange={(value) => change({ [key]: value })}
    />
  );
  return (
    <DialogForm title={texts.setTitle(site.name)} task={task} action={t.settings.screen.save} onClose={onClose}>
      <TextField
        label={texts.folder}
        mono
        value={root}
        required
        maxLength={4096}
        note={texts.folderNote}
        onChange={setRoot}
      />
      <Check label={texts.watch} checked={draft.watch} onChange={(watch) => change({ watch })} />
      <div className="settings-grid">
        {number('keepDays', 1, 36_500)}
        {number('versionDays', 0, 3650)}
        {number('versionCount', 0, 1_000_000)}
        {number('versionBytes')}
      </div>
      <Check label={texts.linkWait} checked={draft.linkWait} onChange={(linkWait) => change({ linkWait })} />
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
      <Check label={texts.multicast} checked={draft.multicast} onChange={(multicast) => change({ multicast })} />
      {draft.multicast && (
        <div className="settings-grid">
          <TextField
            label={texts.group}
            mono
            value={draft.group}
            required
            maxLength={64}
            onChange={(group) => change({ group })}
          />
          {number('port', 1, 65_535)}
          <TextField
            label={texts.interface}
            mono
            value={draft.interface}
            maxLength={100}
            onChange={(value) => change({ interface: value })}
          />
          {number('ttl', 0, 255)}
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
  | 'linkDeleted'
  | 'port'
  | 'ttl';
