import type { ReactElement, ReactNode } from 'react';
import type { Status } from '../../../shared/contract/status.ts';
import { locales } from '../../i18n/locale.ts';
import { catalogues, useText } from '../../i18n/use-text.ts';
import { themes, useUi } from '../../stores/ui-store.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { Fact } from '../../ui/fact.tsx';
import { Checks } from '../checks/checks.tsx';
import { DesktopPanel } from './desktop-panel.tsx';
import { Listeners } from './listeners.tsx';

/** How the interface looks, and what this install is. */
export function Settings({ status }: { status: Status }): ReactElement {
  const { t, format } = useText();
  const { node, sites } = status;
  return (
    <div className="page narrow">
      <h1 className="headline">{t.settings.title}</h1>
      <Panel title={t.settings.appearance}>
        <Appearance />
      </Panel>
      <DesktopPanel />
      <Checks />
      <Panel title={t.settings.install}>
        <dl className="facts-list">
          <Fact name={t.settings.name}>{node.name}</Fact>
          <Fact name={t.settings.role}>{t.role[node.role]}</Fact>
          <Fact name={t.settings.version}>{node.version}</Fact>
          {node.pid !== null && <Fact name={t.settings.process}>{node.pid}</Fact>}
          <Fact name={t.settings.fingerprint}>
            <Copyable label={t.settings.fingerprint} text={node.id} />
            <span className="dim">{t.settings.fingerprintNote}</span>
          </Fact>
        </dl>
      </Panel>
      <Panel title={t.settings.listeners}>
        <Listeners listeners={status.listeners} role={node.role} />
      </Panel>
      <Panel title={t.settings.sites}>
        <dl className="facts-list">
          {sites.map((site) => (
            <Fact key={site.name} name={site.name}>
              <span className="mono breakable">{site.root}</span>
              <span className="dim">{t.settings.files(format.number(site.files), site.files)}</span>
            </Fact>
          ))}
        </dl>
      </Panel>
    </div>
  );
}

function Appearance(): ReactElement {
  const { t } = useText();
  const ui = useUi();
  return (
    <dl className="facts-list">
      <Fact name={t.settings.themeLabel}>
        <fieldset className="segments" aria-label={t.settings.themeLabel}>
          {themes.map((theme) => (
            <button key={theme} type="button" aria-pressed={theme === ui.theme} onClick={() => ui.setTheme(theme)}>
              {t.settings.theme[theme]}
            </button>
          ))}
        </fieldset>
      </Fact>
      <Fact name={t.settings.languageLabel}>
        <fieldset className="segments" aria-label={t.settings.languageLabel}>
          {locales.map((locale) => (
            <button
              key={locale}
              type="button"
              lang={locale}
              aria-pressed={locale === ui.locale}
              onClick={() => ui.setLocale(locale)}
            >
              {catalogues[locale].languageName}
            </button>
          ))}
        </fieldset>
        <span className="dim">{t.settings.languageNote}</span>
      </Fact>
    </dl>
  );
}

function Panel({ title, children }: { title: string; children: ReactNode }): ReactElement {
  return (
    <section className="panel" aria-label={title}>
      <div className="panel-head">
        <h2>{title}</h2>
      </div>
      {children}
    </section>
  );
}
