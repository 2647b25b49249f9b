import type { ReactElement } from 'react';
import type { Status } from '../../../shared/contract/status.ts';
import { needsPerson } from '../../../shared/domain/needs-person.ts';
import { useText } from '../../i18n/use-text.ts';
import { useRows } from '../../stores/use-replica.ts';
import { SiteMap } from '../map/site-map.tsx';
import { Score } from '../score/score.tsx';
import { Headline } from './headline.tsx';
import { Invite } from '../invite/invite.tsx';
import { NoSiteYet } from './no-site-yet.tsx';
import { Peers } from './peers.tsx';
import { RecentChanges } from './recent-changes.tsx';
import { useSelectedSite } from '../../stores/use-selected-site.ts';
import { Uploads } from './uploads.tsx';
import { Waiting } from './waiting.tsx';

const ROWS = 50;

/** In step or not; then what, where, since when, and what to do. */
export function Overview({ status }: { status: Status }): ReactElement {
  const { t } = useText();
  const site = useSelectedSite(status);
  const history = useRows(site?.name ?? '', ROWS);
  if (site === undefined) {
    return (
      <div className="page">
        {status.waiting.length > 0 ? (
          <>
            <h1 className="headline">{t.headline.noSite}</h1>
            <Waiting items={status.waiting} role={status.node.role} />
          </>
        ) : (
          <NoSiteYet node={status.node} />
        )}
      </div>
    );
  }
  const waiting = status.waiting.filter((item) => item.site === site.name);
  const elsewhere = status.waiting.filter((item) => item.site !== site.name && needsPerson(item)).length;
  return (
    <div className="page">
      <Headline site={site} role={status.node.role} lastChange={history[0]?.at} />
      {site.peers.length === 0 ? (
        <>
          <Invite key={site.name} site={site.name} />
          {waiting.length + elsewhere > 0 && <Waiting items={waiting} role={status.node.role} elsewhere={elsewhere} />}
        </>
      ) : (
        <>
          <Score node={status.node} site={site} />
          <div className="overview-pair">
            <SiteMap node={status.node} site={site} small />
            <Waiting items={waiting} role={status.node.role} elsewhere={elsewhere} />
          </div>
          <Peers site={site} role={status.node.role} waiting={waiting} />
        </>
      )}
      {status.node.role === 'master' && <Uploads key={site.name} site={site.name} status={status} />}
      <RecentChanges history={history} role={status.node.role} />
    </div>
  );
}
