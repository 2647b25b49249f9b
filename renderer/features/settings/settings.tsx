import type { ReactElement } from 'react';
import type { Status } from '../../../shared/contract/status.ts';
import { locales, themes } from '../../../shared/domain/appearance.ts';
import { catalogues, useText } from '../../i18n/use-text.ts';
import { useUi } from '../../stores/ui-store.ts';
import { Asked } from '../../ui/asked.tsx';
import { Fact } from '../../ui/fact.tsx';
import { useCall } from '../../ui/use-call.ts';
import { Checks } from '../checks/checks.tsx';
import { DeepCheck } from '../checks/deep-check.tsx';
import { About } from './about.tsx';
import { Accounts } from './accounts.tsx';
import { DataFolder } from './data-folder.tsx';
import { DesktopPanel } from './desktop-panel.tsx';
import { Install } from './install.tsx';
import { Listening } from './listening.tsx';
import { Panel } from './parts.tsx';
import { Sites } from './sites.tsx';
import './settings.css';

/** How the interface looks, what this install is, and how it is set. */
export function Settings({ status }: { status: Status }): ReactElement {
  const { t } = useText();
  const { node, listeners } = status;
  const { answer, again } = useCall('config.get', {}, 2000);
  const texts = t.settings.screen;
  return (
    <div className="page narrow">
      <h1 className="headline">{t.settings.title}</h1>
      <Panel title={t.settings.appearance}>
        <Appearance />
      </Panel>
      <DesktopPanel />
      <Checks />
      <DeepCheck role={node.role} />
      <Asked answer={answer}>
        {(view) => (
          <>
            <Panel title={t.settings.install}>
              <Install view={view} node={node} onSaved={again} />
            </Panel>
            <Sites view={view} status={status} onSaved={again} />
            {node.role === 'master' && <Accounts sites={view.config.sites.map(({ name }) => name)} status={status} />}
            <Panel title={t.settings.listeners}>
              <Listening view={view} listeners={listeners} onSaved={again} />
            </Panel>
            <Panel title={texts.data.title}>
              <DataFolder view={view} />
            </Panel>
          </>
        )}
      </Asked>
      <Panel title={texts.about.title}>
        <About version={node.version} />
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
