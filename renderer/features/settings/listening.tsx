import type { ComponentProps, ReactElement } from 'react';
import type { ConfigView } from '../../../shared/contract/config-changes.ts';
import type { Status } from '../../../shared/contract/status.ts';
import { useText } from '../../i18n/use-text.ts';
import { Check } from '../../ui/inputs.tsx';
import { Segments } from '../../ui/segments.tsx';
import { ConsoleAddress } from './console-address.tsx';
import { type ListeningDraft, limitNames, readListening, toListening } from './listening-draft.ts';
import { Row, SaveBar } from './parts.tsx';
import { useDraft } from './use-config.ts';

interface Props {
  view: ConfigView;
  listeners: Status['listeners'];
  onSaved: () => void;
}

const PORT = { min: 0, max: 65_535 };

/** Where others reach this install, and by what rules. */
export function Listening({ view, listeners, onSaved }: Props): ReactElement {
  const { t } = useText();
  const texts = t.settings.screen;
  const { draft, change, bar, save } = useDraft(view, readListening, toListening, onSaved);
  const text = textOf(draft, change);
  return (
    <form
      className="settings-form"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      {draft.ftp && (
        <fieldset>
          <Legend title={texts.ftpTitle} at={listeners.ftp} />
          <FtpFields draft={draft} change={change} certificate={view.config.ftp?.certificate?.cert} />
        </fieldset>
      )}
      <fieldset>
        <Legend title={texts.linkTitle} at={listeners.link} />
        <CheckRow
          name={texts.linkTitle}
          label={texts.linkOpen}
          checked={draft.linkOpen}
          onChange={(linkOpen) => change({ linkOpen })}
        />
        {draft.linkOpen ? (
          <>
            <Row name={texts.host} {...text('linkHost')} />
            <Row name={texts.port} {...text('linkPort')} number={PORT} />
          </>
        ) : (
          <p className="dim panel-note">{texts.linkClosed}</p>
        )}
      </fieldset>
      <fieldset>
        <Legend title={texts.consoleTitle} at={listeners.console} />
        <Row name={texts.host} {...text('consoleHost')} />
        <Row name={texts.port} {...text('consolePort')} number={PORT} note={texts.consoleNote} />
        {listeners.console !== null && <ConsoleAddress />}
      </fieldset>
      <p className="dim panel-note">{texts.restart}</p>
      <SaveBar {...bar} />
    </form>
  );
}

type Change = (part: Partial<ListeningDraft>) => void;

/** For a row: what stands at `key`, and how it is changed. */
function textOf(draft: ListeningDraft, change: Change) {
  return (key: keyof ListeningDraft) => ({
    value: String(draft[key]),
    onChange: (value: string) => change({ [key]: value }),
  });
}

interface FtpProps {
  draft: ListeningDraft;
  change: Change;
  /** The file of one that is not the install's own. */
  certificate: string | undefined;
}

function FtpFields({ draft, change, certificate }: FtpProps): ReactElement {
  const { t } = useText();
  const texts = t.settings.screen;
  const text = textOf(draft, change);
  return (
    <>
      <Row name={texts.host} {...text('ftpHost')} />
      <Row name={texts.port} {...text('ftpPort')} number={PORT} />
      <div className="fact setting">
        <span className="setting-name">{texts.tls}</span>
        <div className="setting-value">
          <Segments
            label={texts.tls}
            names={texts.tlsChoice}
            options={['required', 'optional']}
            value={draft.tls}
            onChange={(tls) => change({ tls })}
          />
          {draft.tls === 'optional' && <span className="state-failing setting-note">{texts.plainWarning}</span>}
        </div>
      </div>
      <div className="fact setting">
        <span className="setting-name">{texts.certificate}</span>
        <div className="setting-value">
          {certificate === undefined ? (
            <span>{texts.certificateOwn}</span>
          ) : (
            <span className="mono breakable">{certificate}</span>
          )}
          <span className="dim setting-note">{texts.certificateNote}</span>
        </div>
      </div>
      <Row name={texts.passiveMin} {...text('passiveMin')} number={PORT} note={texts.passiveNote}>
        <label className="setting-second">
          {texts.passiveMax}
          <input
            type="number"
            className="setting-number"
            {...PORT}
            required
            value={draft.passiveMax}
            onChange={(event) => change({ passiveMax: event.target.value })}
          />
        </label>
      </Row>
      <Row name={texts.passiveAddress} {...text('passiveAddress')} required={false} note={texts.passiveAddressNote} />
      <CheckRow
        name={texts.active}
        label={texts.activeOn}
        checked={draft.active}
        onChange={(active) => change({ active })}
      />
      <CheckRow
        name={texts.closeNotify}
        label={texts.closeNotifyOn}
        checked={draft.closeNotify}
        onChange={(closeNotify) => change({ closeNotify })}
      />
      <CheckRow
        name={texts.resumeTls}
        label={texts.resumeTlsOn}
        checked={draft.resumeTls}
        onChange={(resumeTls) => change({ resumeTls })}
      />
      <details>
        <summary>{texts.limits}</summary>
        {limitNames.map((name) => (
          <Row key={name} name={texts.limit[name]} {...text(name)} number={{ min: 1 }} />
        ))}
      </details>
    </>
  );
}

/** What it is, and where it is open at the moment. */
function Legend({ title, at }: { title: string; at: { host: string; port: number } | null }): ReactElement {
  const { t } = useText();
  return (
    <legend className="setting-legend">
      <strong>{title}</strong>{' '}
      {at === null ? (
        <span className="dim">{t.settings.closed}</span>
      ) : (
        <code className="selectable">{`${at.host.includes(':') ? `[${at.host}]` : at.host}:${at.port}`}</code>
      )}
    </legend>
  );
}

function CheckRow({ name, ...check }: ComponentProps<typeof Check> & { name: string }): ReactElement {
  return (
    <div className="fact setting">
      <span className="setting-name">{name}</span>
      <Check {...check} />
    </div>
  );
}
