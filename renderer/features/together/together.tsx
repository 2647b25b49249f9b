import type { ReactElement } from 'react';
import type { Status } from '../../../shared/contract/status.ts';
import { needsPerson } from '../../../shared/domain/needs-person.ts';
import { addressOf, useLocation } from '../../stores/location.ts';
import { useText } from '../../i18n/use-text.ts';
import { Tabs } from '../../ui/tabs.tsx';
import { useSelectedSite } from '../../stores/use-selected-site.ts';
import { Groups } from './groups/groups.tsx';
import { Links } from './links/links.tsx';
import { Releases } from './releases/releases.tsx';
import { type TogetherTab, togetherTabs } from './tabs.ts';
import { WaitingList } from './waiting/waiting-list.tsx';

/** What appears together or not at all: what waits now, and the rules that make it wait. */
export function Together({ status }: { status: Status }): ReactElement {
  const { t } = useText();
  const [, second] = useLocation();
  const site = useSelectedSite(status)?.name;
  const here: readonly TogetherTab[] = togetherTabs[status.node.role];
  const tab = here.find((id) => id === second) ?? 'waiting';
  const needed = status.waiting.filter(needsPerson).length;
  return (
    <div className="page">
      <h1 className="headline">{t.nav.screens.together}</h1>
      <Tabs
        label={t.together.tabsLabel}
        current={tab}
        tabs={here.map((id) => ({
          id,
          name: t.together.tabs[id],
          href: addressOf('together', id),
          needed: id === 'waiting' ? { count: needed, words: t.nav.needed(needed) } : undefined,
        }))}
      />
      {tab === 'waiting' ? (
        <WaitingList status={status} />
      ) : site === undefined ? (
        <p>
          {t.headline.noSiteHere} <a href={addressOf('overview')}>{t.headline.begin}</a>
        </p>
      ) : (
        <OfSite key={site} tab={tab} site={site} status={status} />
      )}
    </div>
  );
}

function OfSite({
  tab,
  site,
  status,
}: {
  tab: Exclude<TogetherTab, 'waiting'>;
  site: string;
  status: Status;
}): ReactElement {
  switch (tab) {
    case 'groups':
      return <Groups status={status} site={site} />;
    case 'links':
      return <Links status={status} site={site} />;
    case 'releases':
      return <Releases site={site} />;
  }
}
