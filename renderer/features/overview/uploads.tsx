import { type ReactElement, useEffect, useState } from 'react';
import type { Status } from '../../../shared/contract/status.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { Refused } from '../../ui/refused.tsx';
import { useTask } from '../../ui/use-task.ts';
import { LockOuts } from '../settings/lock-outs.tsx';
import { newPassword } from '../../ui/new-password.ts';
import { addressOf } from '../../stores/location.ts';

interface Made {
  readonly user: string;
  readonly password: string;
}

/** How files come in: where, by whom, and a first account for whoever is to upload. */
export function Uploads({ site, status }: { site: string; status: Status }): ReactElement {
  const { ftp } = status.listeners;
  const { t } = useText();
  const bridge = useBridge();
  const [users, setUsers] = useState<readonly string[]>();
  const [user, setUser] = useState('');
  const [made, setMade] = useState<Made>();
  const add = useTask(async () => {
    const password = newPassword();
    await bridge.call('account.add', { user, site, password });
    setMade({ user, password });
    setUser('');
  });
  const load = useTask(async () => {
    const accounts = await bridge.call('account.list', {});
    setUsers(accounts.filter((each) => each.kind === 'publisher' && each.site === site).map((each) => each.user));
  });
  useEffect(load.run, [site, made]); // oxlint-disable-line react/exhaustive-deps -- a new account is a reason to look again, `load` is not

  return (
    <section className="panel" aria-labelledby="uploads-title">
      <div className="panel-head">
        <h2 id="uploads-title">{t.uploads.title}</h2>
        {ftp !== null && (
          <span className="uploads-where">
            <code>{`ftp://${placeOf(ftp)}`}</code>
            <span className="dim">{t.uploads.tls[ftp.tls]}</span>
          </span>
        )}
      </div>
      <LockOuts status={status} />
      <div className="uploads">
        {ftp === null && <p className="dim">{t.uploads.closed}</p>}
        {users?.length === 0 && <p>{t.uploads.nobody}</p>}
        {users !== undefined && users.length > 0 && (
          <p className="uploads-who">
            {t.uploads.accounts(users.join(', '))}
            <a href={addressOf('settings', 'accounts', 'new')}>{t.frame.actions.newAccount}</a>
          </p>
        )}
        {made !== undefined && (
          <div className="uploads-made">
            <p>{t.uploads.made(made.user)}</p>
            <Copyable label={t.uploads.password} text={made.password} />
          </div>
        )}
        {users?.length === 0 && (
          <form
            className="field-row uploads-form"
            onSubmit={(event) => {
              event.preventDefault();
              add.run();
            }}
          >
            <label className="field">
              <span className="visually-hidden">{t.uploads.user}</span>
              <input
                value={user}
                required
                autoComplete="off"
                spellCheck={false}
                placeholder={t.uploads.user}
                onChange={(event) => setUser(event.target.value)}
              />
            </label>
            <button type="submit" className="button" disabled={add.busy}>
              {t.uploads.add}
            </button>
          </form>
        )}
        <Refused error={add.refusal} />
      </div>
    </section>
  );
}

/** Any address is no address to connect to: the person puts this machine's name there. */
function placeOf({ host, port }: { host: string; port: number }): string {
  if (host === '0.0.0.0' || host === '::') return `localhost:${port}`;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
