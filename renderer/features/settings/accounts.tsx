import { type ReactElement, useState } from 'react';
import type { CallResult } from '../../../shared/contract/calls.ts';
import type { Status } from '../../../shared/contract/status.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useOpenedByAddress } from '../../ui/use-opened-by-address.ts';
import { useText } from '../../i18n/use-text.ts';
import { Asked } from '../../ui/asked.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { useCall } from '../../ui/use-call.ts';
import { useTask } from '../../ui/use-task.ts';
import { AccountForm } from './account-form.tsx';
import { LockOuts } from './lock-outs.tsx';
import { Panel } from './parts.tsx';

type Account = CallResult<'account.list'>[number];
type Doing = { readonly what: 'add' } | { readonly what: 'password' | 'remove'; readonly user: string };

/** A password that was made here: it is shown until something else is done. */
interface Made {
  readonly user: string;
  readonly password: string;
}

/** Who may log in to the FTP server. */
export function Accounts({ sites, status }: { sites: readonly string[]; status: Status }): ReactElement {
  const { t } = useText();
  const texts = t.settings.screen.accounts;
  const { answer, again } = useCall('account.list', {});
  const [doing, setDoing] = useState<Doing>();
  const [made, setMade] = useState<Made>();
  const begin = (next: Doing): void => {
    setMade(undefined);
    setDoing(next);
  };
  useOpenedByAddress(['settings', 'accounts'], () => begin({ what: 'add' }));
  const done = (news?: Made): void => {
    setDoing(undefined);
    setMade(news);
    again();
  };
  const add = (
    <button type="button" className="button" disabled={sites.length === 0} onClick={() => begin({ what: 'add' })}>
      {texts.add}
    </button>
  );
  return (
    <Panel title={texts.title} action={add}>
      {made !== undefined && (
        <div className="panel-note setting-made">
          <p>{texts.made(made.user)}</p>
          <Copyable label={texts.password} text={made.password} />
        </div>
      )}
      <LockOuts status={status} />
      <Asked answer={answer}>{(accounts) => <Table accounts={accounts} onBegin={begin} />}</Asked>
      {doing !== undefined && doing.what !== 'remove' && (
        <AccountForm
          user={doing.what === 'password' ? doing.user : undefined}
          sites={sites}
          onDone={done}
          onClose={() => setDoing(undefined)}
        />
      )}
      {doing?.what === 'remove' && (
        <Remove user={doing.user} onDone={() => done()} onClose={() => setDoing(undefined)} />
      )}
    </Panel>
  );
}

function Table({ accounts, onBegin }: { accounts: readonly Account[]; onBegin: (doing: Doing) => void }): ReactElement {
  const { t } = useText();
  const texts = t.settings.screen.accounts;
  if (accounts.length === 0) return <p className="dim empty">{texts.none}</p>;
  return (
    <ul className="settings-list">
      {accounts.map(({ user, site, folder, kind, mirror, releasesOnly }) => (
        <li key={user} className="settings-item">
          <span className="settings-main">
            <strong className="breakable" title={user}>
              {mirror ?? user}
            </strong>
            <span className="dim">
              {texts.kind[kind]}
              {releasesOnly && ` · ${texts.releasesOnly}`}
            </span>
          </span>
          <span className="mono breakable">{folder === '' ? site : `${site}/${folder}`}</span>
          <span className="settings-actions">
            {kind === 'publisher' && (
              <button type="button" className="button small" onClick={() => onBegin({ what: 'password', user })}>
                {texts.change}
              </button>
            )}
            {kind === 'publisher' && (
              <button type="button" className="button small" onClick={() => onBegin({ what: 'remove', user })}>
                {texts.remove}
              </button>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Remove({ user, onDone, onClose }: { user: string; onDone: () => void; onClose: () => void }): ReactElement {
  const { t } = useText();
  const texts = t.settings.screen.accounts;
  const bridge = useBridge();
  const { run, busy, refusal } = useTask(async () => {
    await bridge.call('account.remove', { user });
    onDone();
  });
  return (
    <Confirm
      title={texts.removeTitle(user)}
      action={texts.removeDo}
      busy={busy}
      refusal={refusal}
      onConfirm={() => run()}
      onClose={onClose}
    >
      <p>{texts.removeText}</p>
    </Confirm>
  );
}
