import type { ReactElement } from 'react';
import type { Status } from '../../shared/contract/status.ts';
import { errorCodes } from '../../shared/errors/codes.ts';
import { needsPerson } from '../../shared/domain/needs-person.ts';
import { siteState } from '../stores/peer-state.ts';
import { useEngine } from '../stores/engine-store.ts';
import { useSelectedSite } from '../stores/use-selected-site.ts';
import { useText } from '../i18n/use-text.ts';
import { useUi } from '../stores/ui-store.ts';
import { ArrowKeys } from '../ui/arrow-keys.tsx';
import { StateMark } from '../ui/state-mark.tsx';
import { Badge } from '../ui/tabs.tsx';
import { addressOf } from '../stores/location.ts';
import { withModifier } from './shortcuts.ts';
import { ScreenIcon } from './screen-icon.tsx';
import { nameOf, type Screen, screensAt } from './screens.ts';

/** The site, and the screens; a count stands where a person is needed. */
export function Sidebar({
  status,
  screen,
  onSearch,
}: {
  status: Status;
  screen: Screen['id'];
  onSearch: () => void;
}): ReactElement {
  const { t } = useText();
  const setSite = useUi((ui) => ui.setSite);
  const site = useSelectedSite(status);
  const { role } = status.node;
  const stopped = useEngine(({ jobs }) => jobs.filter(({ state }) => state.is === 'stopped').length);
  return (
    <aside className="sidebar">
      <label className="site-choice">
        <StateMark state={site === undefined ? 'unknown' : siteState(site)} />
        <span className="visually-hidden">{t.nav.site}</span>
        <select value={site?.name ?? ''} onChange={(event) => setSite(event.target.value)}>
          {status.sites.length === 0 && <option value="">{t.headline.noSite}</option>}
          {status.sites.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <ArrowKeys selector=".nav-item" layout="row">
        <nav className="nav" aria-label={t.nav.label}>
          {screensAt(status).map(({ id }) => {
            const needed = id === 'publish' ? stopped : neededAt(id, status);
            return (
              <a key={id} className="nav-item" href={addressOf(id)} aria-current={id === screen ? 'page' : undefined}>
                <ScreenIcon screen={id} />
                <span className="nav-name">{nameOf(id, role, t)}</span>
                {needed > 0 && <Badge count={needed} words={t.nav.needed(needed)} />}
              </a>
            );
          })}
        </nav>
      </ArrowKeys>
      <button type="button" className="search-button" aria-keyshortcuts="Control+K Meta+K" onClick={onSearch}>
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path d="M7 2.5a4.5 4.5 0 1 0 .01 0zM10.4 10.4l3.1 3.1" />
        </svg>
        <span>{t.palette.open}</span>
        <kbd aria-hidden="true">{withModifier('K')}</kbd>
      </button>
      <p className="node">
        <strong>{status.node.name}</strong>
        <span>
          {t.role[role]} · {status.node.version}
        </span>
      </p>
    </aside>
  );
}

/** How much there waits for a person. */
function neededAt(screen: Screen['id'], { sites, waiting }: Status): number {
  switch (screen) {
    case 'together':
      return waiting.filter(needsPerson).length;
    case 'mirrors':
      return sites.flatMap(({ peers }) => peers).filter(({ error }) => error && errorCodes[error.code] === 'never')
        .length;
    case 'overview':
    case 'publish':
    case 'site':
    case 'history':
    case 'log':
    case 'settings':
      return 0;
  }
}
