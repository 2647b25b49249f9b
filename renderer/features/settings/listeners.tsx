import type { ReactElement } from 'react';
import type { Status } from '../../../shared/contract/status.ts';
import { useText } from '../../i18n/use-text.ts';
import { Fact } from '../../ui/fact.tsx';

/** Where others reach this install. */
export function Listeners({
  listeners,
  role,
}: {
  listeners: Status['listeners'];
  role: 'master' | 'mirror';
}): ReactElement {
  const { t } = useText();
  const { ftp, link, console } = listeners;
  return (
    <>
      <dl className="facts-list">
        {role === 'master' && (
          <Fact name={t.settings.listener.ftp}>
            <Address of={ftp} />
            {ftp !== null && <span className="dim">{t.uploads.tls[ftp.tls]}</span>}
          </Fact>
        )}
        <Fact name={t.settings.listener.link}>
          <Address of={link} />
        </Fact>
        <Fact name={t.settings.listener.console}>
          <Address of={console} />
        </Fact>
      </dl>
      <p className="dim panel-note">{t.settings.listenersNote}</p>
    </>
  );
}

function Address({ of }: { of: { host: string; port: number } | null }): ReactElement {
  const { t } = useText();
  if (of === null) return <span className="dim">{t.settings.closed}</span>;
  const host = of.host.includes(':') ? `[${of.host}]` : of.host;
  return <code className="selectable">{`${host}:${of.port}`}</code>;
}
