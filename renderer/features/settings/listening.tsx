import type { ReactElement } from 'react';
import type { ConfigView } from '../../../shared/contract/config-changes.ts';
import type { Status } from '../../../shared/contract/status.ts';
import { useText } from '../../i18n/use-text.ts';
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
  const field = (key: keyof ListeningDraft): { value: string; onChange: (value: string) => void } => ({
    value: String(draft[key]),
    onChange: (value) => change({ [key]: value }),
  });
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
          <Row name={texts.host} {...field('ftpHost')} />
          <Row name={texts.port} {...field('ftpPort')} number={PORT} />
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
              {draft.tls === 'optional' && <span className="state-behind setting-note">{texts.plainWarning}</span>}
            </div>
          </div>
          <Row name={texts.passiveMin} {...field('passiveMin')} number={PORT} note={texts.passiveNote}>
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
          <Row
            name={texts.passiveAddress}
            {...field('passiveAddress')}
            required={false}
            note={texts.passiveAddressNote}
          />
          <Check
            name={texts.active}
            label={texts.activeOn}
            on={draft.active}
            onChange={(active) => change({ active })}
          />
          <Check
            name={texts.closeNotify}
            label={texts.closeNotifyOn}
            on={draft.closeNotify}
            onChange={(closeNotify) => change({ closeNotify })}
          />
          <Check
            name={texts.resumeTls}
            label={texts.resumeTlsOn}
            on={draft.resumeTls}
            onChange={(resumeTls) => change({ resumeTls })}
          />
          <details>
            <summary>{texts.limits}</summary>
            {limitNames.map((name) => (
              <Row
                key={name}
                name={texts.limit[name]}
                value={draft[name]}
                onChange={(value) => change({ [name]: value })}
                number={{ min: 1 }}
              />
            ))}
          </details>
        </fieldset>
      )}
      <fieldset>
        <Legend title={texts.linkTitle} at={listeners.link} />
        <Check
          name={texts.linkTitle}
          label={texts.linkOpen}
          on={draft.linkOpen}
          onChange={(linkOpen) => change({ linkOpen })}
        />
        {draft.linkOpen ? (
          <>
            <Row name={texts.host} {...field('linkHost')} />
            <Row name={texts.port} {...field('linkPort')} number={PORT} />
          </>
        ) : (
          <p className="dim panel-note">{texts.linkClosed}</p>
        )}
      </fieldset>
      <fieldset>
        <Legend title={texts.consoleTitle} at={listeners.console} />
        <Row name={texts.host} {...field('consoleHost')} />
        <Row name={texts.port} {...field('consolePort')} number={PORT} note={texts.consoleNote} />
        {listeners.console !== null && <ConsoleAddress />}
      </fieldset>
      <p className="dim panel-note">{texts.restart}</p>
      <SaveBar {...bar} />
    </form>
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

interface CheckProps {
  name: string;
  label: string;
  on: boolean;
  onChange: (on: boolean) => void;
}

function Check({ name, label, on, onChange }: CheckProps): ReactElement {
  return (
    <div className="fact setting">
      <span className="setting-name">{name}</span>
      <label className="check">
        <input type="checkbox" checked={on} onChange={(event) => onChange(event.target.checked)} />
        {label}
      </label>
    </div>
  );
}
