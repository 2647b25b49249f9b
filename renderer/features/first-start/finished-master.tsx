import { type ReactElement, useState } from 'react';
import { furthest } from '../../../shared/domain/reach.ts';
import type { Status } from '../../../shared/contract/status.ts';
import { useText } from '../../i18n/use-text.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { Refused } from '../../ui/refused.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { peerState, type Site } from '../../stores/peer-state.ts';
import type { SetUp } from './guide-store.ts';
import { PairMirror } from './pair-mirror.tsx';

interface Props {
  setUp: Extract<SetUp, { role: 'master' }>;
  site: Site | undefined;
  status: Status;
}

/** The site is served: the code for its first mirror, and how files come in. */
export function FinishedMaster({ setUp, site, status }: Props): ReactElement {
  const { t, format } = useText();
  const texts = t.firstStart.done;
  const [addresses, setAddresses] = useState<readonly string[]>([]);
  const mirrors = site?.peers ?? [];
  return (
    <>
      <div className="step-head">
        <h1>
          <StateMark state="in-step" size={18} />
          {texts.served(setUp.site)}
        </h1>
        <p className="dim">{texts.servedExplain(format.number(site?.files ?? 0), site?.files ?? 0)}</p>
      </div>
      <section className="panel done-panel" aria-labelledby="pair-title">
        <h2 id="pair-title">{texts.pair}</h2>
        <PairMirror site={setUp.site} linkPort={status.listeners.link?.port ?? 0} onAddresses={setAddresses} />
        {mirrors.length > 0 && (
          <ul className="done-mirrors" aria-live="polite">
            {mirrors.map((peer) => (
              <li key={peer.id}>
                <StateMark state={peerState(peer)} />
                <strong>{peer.name}</strong>
                <span className="dim">{t.state[peerState(peer)]}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
      <Refused error={setUp.refusal} className="step-refusal" />
      {setUp.account !== undefined && (
        <section className="panel done-panel" aria-labelledby="upload-title">
          <h2 id="upload-title">{texts.upload}</h2>
          <p>{t.uploads.made(setUp.account.user)}</p>
          <Copyable label={t.uploads.password} text={setUp.account.password} />
          <FtpAddress ftp={status.listeners.ftp} addresses={addresses} />
        </section>
      )}
    </>
  );
}

/** Where clients put files: the machine as mirrors reach it, at the port of the FTP server. */
function FtpAddress({
  ftp,
  addresses,
}: {
  ftp: Status['listeners']['ftp'];
  addresses: readonly string[];
}): ReactElement {
  const { t } = useText();
  if (ftp === null) return <p className="dim">{t.uploads.closed}</p>;
  const isAny = ftp.host === '0.0.0.0' || ftp.host === '::';
  const outside = furthest(addresses)?.address.replace(/:\d+$/, '');
  const host = isAny ? (outside ?? 'localhost') : ftp.host.includes(':') ? `[${ftp.host}]` : ftp.host;
  return (
    <p className="done-address">
      <code className="selectable">{`ftp://${host}:${ftp.port}`}</code>
      <span className="dim">{t.uploads.tls[ftp.tls]}</span>
    </p>
  );
}
