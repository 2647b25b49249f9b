import type { ReactElement } from 'react';
import type { ConfigView } from '../../../shared/contract/config-changes.ts';
import type { Status } from '../../../shared/contract/status.ts';
import { locales, themes } from '../../../shared/domain/appearance.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
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
import { Safety } from './safety.tsx';
import { type Part, SettingsIndex, SettingsPart } from './settings-index.tsx';
import { Sites } from './sites.tsx';
import './settings.css';

/** How the interface looks, what this install is, and how it is set. */
export function Settings({ status }: { status: Status }): ReactElement {
  const { t } = useText();
  const isDesktop = useBridge().kind === 'desktop';
  const { node, listeners } = status;
  const { answer, again } = useCall('config.get', {}, 2000);
  const texts = t.settings.screen;
  const parts: readonly (Part & { readonly body: ReactElement })[] = [
    panel('appearance', t.settings.appearance, <Appearance />),
    ...(isDesktop ? [{ id: 'desktop', title: t.settings.desktop.title, body: <DesktopPanel /> }] : []),
    { id: 'checks', title: t.checks.title, body: <Checks /> },
    { id: 'deep', title: t.checks.deep.title, body: <DeepCheck role={node.role} /> },
    ...(answer.value === undefined ? [] : ofConfig(answer.value)),
    panel('about', texts.about.title, <About version={node.version} />),
  ];
  function ofConfig(view: ConfigView): typeof parts {
    const sites = view.config.sites.map(({ name }) => name);
    const accounts = <Accounts sites={sites} status={status} />;
    return [
      panel('install', t.settings.install, <Install view={view} node={node} onSaved={again} />),
      { id: 'sites', title: texts.sites.title, body: <Sites view={view} status={status} onSaved={again} /> },
      ...(node.role === 'master' ? [{ id: 'accounts', title: texts.accounts.title, body: accounts }] : []),
      panel('listening', t.settings.listeners, <Listening view={view} listeners={listeners} onSaved={again} />),
      panel('data', texts.data.title, <DataFolder view={view} />),
      panel('safety', texts.safety.title, <Safety node={node} dataDir={view.dataDir} />),
    ];
  }
  return (
    <div className="page settings">
      <h1 className="headline">{t.settings.title}</h1>
      <SettingsIndex parts={parts} />
      <div className="settings-parts">
        {parts.map(({ id, body }) => (
          <SettingsPart key={id} id={id}>
            {body}
          </SettingsPart>
        ))}
        <Asked answer={answer}>{() => null}</Asked>
      </div>
    </div>
  );
}

/** What has no head of its own. */
function panel(id: string, title: string, body: ReactElement) {
  return { id, title, body: <Panel title={title}>{body}</Panel> };
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
