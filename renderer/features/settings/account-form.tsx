import { type ReactElement, useState } from 'react';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { Check, TextField } from '../../ui/inputs.tsx';
import { Segments } from '../../ui/segments.tsx';
import { useTask } from '../../ui/use-task.ts';
import { newPassword } from '../../ui/new-password.ts';

interface Props {
  /** Whose password is changed; undefined: another account. */
  user: string | undefined;
  sites: readonly string[];
  /** With the password where it was made here. */
  onDone: (made?: { user: string; password: string }) => void;
  onClose: () => void;
}

/** Another account, or another password. */
export function AccountForm({ user: known, sites, onDone, onClose }: Props): ReactElement {
  const { t } = useText();
  const texts = t.settings.screen.accounts;
  const bridge = useBridge();
  const [user, setUser] = useState('');
  const [site, setSite] = useState(sites[0] ?? '');
  const [folder, setFolder] = useState('');
  const [releasesOnly, setReleasesOnly] = useState(false);
  const [how, setHow] = useState<'made' | 'chosen'>('made');
  const [chosen, setChosen] = useState('');
  const task = useTask(async () => {
    const password = how === 'made' ? newPassword() : chosen;
    const whose = known ?? user.trim();
    if (known !== undefined) await bridge.call('account.password', { user: known, password });
    else await bridge.call('account.add', { user: whose, site, folder, releasesOnly, password });
    onDone(how === 'made' ? { user: whose, password } : undefined);
  });
  return (
    <DialogForm
      title={known === undefined ? texts.addTitle : texts.changeTitle(known)}
      task={task}
      action={known === undefined ? texts.add : texts.changeDo}
      onClose={onClose}
    >
      {known === undefined ? (
        <>
          <TextField label={texts.user} value={user} required maxLength={64} onChange={setUser} />
          {sites.length > 1 && (
            <label className="field">
              <span>{texts.site}</span>
              <select value={site} onChange={(event) => setSite(event.target.value)}>
                {sites.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            </label>
          )}
          <TextField label={texts.folder} mono value={folder} maxLength={3072} onChange={setFolder} />
          <Check label={texts.onlyReleases} checked={releasesOnly} onChange={setReleasesOnly} />
        </>
      ) : (
        <p>{texts.changeText}</p>
      )}
      <div className="field">
        <span aria-hidden="true">{texts.password}</span>
        <Segments
          label={texts.password}
          names={texts.passwordHow}
          options={['made', 'chosen']}
          value={how}
          onChange={setHow}
        />
      </div>
      {how === 'chosen' && (
        <TextField
          label={texts.chosen}
          type="password"
          value={chosen}
          required
          minLength={8}
          maxLength={256}
          autoComplete="new-password"
          onChange={setChosen}
        />
      )}
    </DialogForm>
  );
}
