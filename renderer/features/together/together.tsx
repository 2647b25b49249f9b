import type { ReactElement } from 'react';
import type { Status } from '../../../shared/contract/status.ts';
import { addressOf, useLocation } from '../../app/location.ts';
import { useText } from '../../i18n/use-text.ts';
import { Tabs } from '../../ui/tabs.tsx';
import { needsPerson } from './waiting/needs-person.ts';

const everywhere = ['waiting', 'groups', 'links'] as const;
const tabs = { mirror: everywhere, master: [...everywhere, 'releases'] } as const;

/** What appears together or not at all: what waits now, and the rules that make it wait. */
export function Together({ status }: { status: Status }): ReactElement {
  const { t } = useText();
  const [, second] = useLocation();
  const here = tabs[status.node.role];
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
    </div>
  );
}
