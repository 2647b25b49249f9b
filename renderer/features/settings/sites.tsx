import { type ReactElement, useState } from 'react';
import type { CallResult } from '../../../shared/contract/calls.ts';
import type { ConfigView } from '../../../shared/contract/config-changes.ts';
import type { Status } from '../../../shared/contract/status.ts';
import { folderId } from '../../../shared/domain/waiting-id.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { addressOf } from '../../stores/location.ts';
import { useText } from '../../i18n/use-text.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { ErrorText } from '../../ui/error-text.tsx';
import { useTask } from '../../ui/use-task.ts';
import { MovedFolder } from '../../ui/moved-folder.tsx';
import { AddSite } from './add-site.tsx';
import { Panel } from './parts.tsx';
import { RemoveSite } from './remove-site.tsx';
import { SiteForm } from './site-form.tsx';

type Doing = { readonly what: 'add' } | { readonly what: 'set' | 'moved' | 'remove'; readonly name: string };

/** The sites that this install publishes or follows. */
export function Sites({
  view,
  status,
  onSaved,
}: {
  view: ConfigView;
  status: Status;
  onSaved: () => void;
}): ReactElement {
  const { t } = useText();
  const texts = t.settings.screen.sites;
  const isMaster = status.node.role === 'master';
  const [doing, setDoing] = useState<Doing>();
  const { sites, follows } = view.config;
  const named = isMaster ? sites : follows.map(({ site, root }) => ({ name: site, root }));
  const close = (): void => setDoing(undefined);
  const done = (): void => {
    close();
    onSaved();
  };
  const add = isMaster ? (
    <button type="button" className="button" onClick={() => setDoing({ what: 'add' })}>
      {texts.add}
    </button>
  ) : undefined;
  const moved = doing?.what === 'moved' ? named.find(({ name }) => name === doing.name) : undefined;
  const chosen = doing?.what === 'set' ? sites.find(({ name }) => name === doing.name) : undefined;
  return (
    <Panel title={texts.title} action={add}>
      {named.length === 0 && <p className="dim empty">{texts.none}</p>}
      <ul className="settings-list">
        {named.map(({ name, root }) => (
          <SiteItem
            key={name}
            name={name}
            root={root}
            status={status}
            isMaster={isMaster}
            onSet={() => setDoing({ what: isMaster ? 'set' : 'moved', name })}
            onRemove={() => setDoing({ what: 'remove', name })}
          />
        ))}
      </ul>
      {doing?.what === 'add' && <AddSite onDone={done} onClose={close} />}
      {chosen !== undefined && <SiteForm site={chosen} onDone={done} onClose={close} />}
      {moved !== undefined && (
        <MovedFolder site={moved.name} root={moved.root} role={status.node.role} onDone={onSaved} onClose={close} />
      )}
      {doing?.what === 'remove' && <RemoveSite name={doing.name} onDone={done} onClose={close} />}
    </Panel>
  );
}

interface ItemProps {
  name: string;
  root: string;
  status: Status;
  isMaster: boolean;
  onSet: () => void;
  onRemove: () => void;
}

function SiteItem({ name, root, status, isMaster, onSet, onRemove }: ItemProps): ReactElement {
  const { t, format } = useText();
  const texts = t.settings.screen.sites;
  const bridge = useBridge();
  const [outcome, setOutcome] = useState<CallResult<'site.rescan'>>();
  const rescan = useTask(async (allowDeletes: boolean) => {
    setOutcome(undefined);
    setOutcome(await bridge.call('site.rescan', { name, allowDeletes }));
  });
  const [dismissed, setDismissed] = useState<ErrorJson>();
  const { refusal } = rescan;
  const held = refusal?.code === 'guard.held' && refusal !== dismissed ? refusal : undefined;
  const site = status.sites.find((each) => each.name === name);
  // One that could not be opened is not in the list of sites: it says why among what waits.
  const fault = status.waiting.find(({ id }) => id === folderId(name))?.error;
  return (
    <li className="settings-item">
      <span className="settings-main">
        <strong className="breakable">{name}</strong>
        {site !== undefined && <span className="dim">{t.settings.files(format.number(site.files), site.files)}</span>}
      </span>
      <span className="mono breakable">{root}</span>
      <span className="settings-actions">
        <button type="button" className="button small" disabled={rescan.busy} onClick={() => rescan.run(false)}>
          {texts.rescan}
        </button>
        <button type="button" className="button small" onClick={onSet}>
          {isMaster ? texts.set : t.together.waiting.moved}
        </button>
        {isMaster && (
          <button type="button" className="button small" onClick={onRemove}>
            {texts.remove}
          </button>
        )}
      </span>
      <p className="settings-outcome" aria-live="polite">
        {rescan.busy && <output className="dim">{texts.rescanning}</output>}
        {outcome !== undefined && (
          <span className="dim">{texts.rescanned(format.number(outcome.found), format.number(outcome.changed))}</span>
        )}
        {outcome?.unfit !== undefined && (
          <a href={addressOf('together', 'waiting')}>{texts.unfit(format.number(outcome.unfit), outcome.unfit)}</a>
        )}
        {outcome?.links !== undefined && (
          <span className="dim">{texts.links(format.number(outcome.links), outcome.links)}</span>
        )}
        {refusal !== undefined && refusal.code !== 'guard.held' && <ErrorText error={refusal} />}
        {fault !== undefined && <ErrorText error={fault} />}
      </p>
      {held !== undefined && (
        <Confirm
          title={texts.held(format.number(Number(held.params['count'])), format.number(Number(held.params['of'])))}
          action={texts.heldDo}
          busy={rescan.busy}
          refusal={undefined}
          onConfirm={() => rescan.run(true)}
          onClose={() => setDismissed(held)}
        >
          <p className="mono breakable">{root}</p>
          <p>{texts.heldText}</p>
        </Confirm>
      )}
    </li>
  );
}
