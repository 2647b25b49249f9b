import type { ReactElement } from 'react';
import type { Status } from '../../../shared/contract/status.ts';
import { useLocation } from '../../stores/location.ts';
import { useText } from '../../i18n/use-text.ts';
import { useRows } from '../../stores/use-replica.ts';
import { SiteMap } from '../map/site-map.tsx';
import { Invite } from '../invite/invite.tsx';
import { NoSite } from '../../ui/no-site.tsx';
import { useSelectedSite } from '../../stores/use-selected-site.ts';
import { MirrorTable } from './mirror-table.tsx';
import { AllPaused, PauseAllButton } from './pause.tsx';
import { PeerPage } from './peer-page.tsx';
import { Routes } from './routes.tsx';
import './mirrors.css';

const ROWS = 200;

/** At a master its mirrors, and each on a page of its own: `#/mirrors/NAME`. At a mirror its master. */
export function Mirrors({ status }: { status: Status }): ReactElement {
  const { t, format } = useText();
  const site = useSelectedSite(status);
  const ofSite = useRows(site?.name ?? '', ROWS);
  const [, name] = useLocation();
  if (site === undefined)
    return <NoSite title={status.node.role === 'mirror' ? t.nav.master : t.nav.screens.mirrors} />;
  const { role } = status.node;
  const peer = role === 'mirror' ? site.peers[0] : site.peers.find((each) => each.name === name);
  if (peer !== undefined) return <PeerPage key={peer.id} status={status} site={site} peer={peer} />;

  return (
    <div className="page">
      <header className="headline-row">
        <h1 className="headline">{t.mirrors.title}</h1>
        {site.peers.length > 0 && <PauseAllButton pausedAt={status.pausedAt} />}
      </header>
      <AllPaused status={status} />
      {name !== undefined && <p role="alert">{t.mirrors.screen.unknownPeer(name)}</p>}
      {(site.left ?? []).map((left) => (
        <p key={left.name} className="dim">
          {t.mirrors.screen.left(left.name, format.exact(left.at))}
        </p>
      ))}
      {site.peers.length === 0 ? (
        <Invite key={site.name} site={site.name} />
      ) : (
        <>
          <SiteMap node={status.node} site={site} />
          <MirrorTable status={status} site={site} history={ofSite} />
          <section className="panel mirrors-pair" aria-labelledby="pair-title">
            <h2 id="pair-title">{t.mirrors.screen.pair}</h2>
            <Invite key={site.name} site={site.name} />
          </section>
          <Routes key={site.name} site={site} />
        </>
      )}
    </div>
  );
}
