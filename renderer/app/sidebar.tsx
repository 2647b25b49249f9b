import type { ReactElement } from 'react';
import type { Status } from '../../shared/contract/status.ts';
import { siteState } from '../features/overview/peer-state.ts';
import { selectedSite } from '../features/overview/selected-site.ts';
import { locales } from '../i18n/locale.ts';
import { catalogues, useText } from '../i18n/use-text.ts';
import { themes, useUi } from '../stores/ui-store.ts';
import { StateMark } from '../ui/state-mark.tsx';

export function Sidebar({ status }: { status: Status }): ReactElement {
  const { t } = useText();
  const ui = useUi();
  const site = selectedSite(status, ui.site);
  return (
    <aside className="sidebar">
      <label className="site-choice">
        <StateMark state={site === undefined ? 'unknown' : siteState(site)} />
        <span className="visually-hidden">{t.nav.site}</span>
        <select value={site?.name ?? ''} onChange={(event) => ui.setSite(event.target.value)}>
          {status.sites.length === 0 && <option value="">{t.headline.noSite}</option>}
          {status.sites.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <nav aria-label={t.nav.label}>
        <a className="nav-item" href="#overview" aria-current="page">
          {t.nav.overview}
          {status.waiting.length > 0 && <span className="badge">{status.waiting.length}</span>}
        </a>
      </nav>
      <div className="sidebar-foot">
        <p className="node">
          <strong>{status.node.name}</strong>
          <span>
            {t.role[status.node.role]} · {status.node.version}
          </span>
        </p>
        <fieldset className="choices" aria-label={t.nav.settings}>
          <select
            aria-label={t.nav.themeLabel}
            value={ui.theme}
            onChange={(event) => ui.setTheme(themes.find((theme) => theme === event.target.value) ?? 'system')}
          >
            {themes.map((theme) => (
              <option key={theme} value={theme}>
                {t.nav.theme[theme]}
              </option>
            ))}
          </select>
          <select
            aria-label={t.nav.languageLabel}
            value={ui.locale}
            onChange={(event) => ui.setLocale(locales.find((locale) => locale === event.target.value) ?? 'en')}
          >
            {locales.map((locale) => (
              <option key={locale} value={locale} lang={locale}>
                {catalogues[locale].languageName}
              </option>
            ))}
          </select>
        </fieldset>
      </div>
    </aside>
  );
}
