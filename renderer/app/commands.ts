import type { Status } from '../../shared/contract/status.ts';
import { togetherTabs } from '../features/together/tabs.ts';
import { locales } from '../i18n/locale.ts';
import { catalogues, useText } from '../i18n/use-text.ts';
import { themes, useUi } from '../stores/ui-store.ts';
import { go } from './location.ts';
import { nameOf, screensAt } from './screens.ts';

export interface Command {
  readonly id: string;
  readonly name: string;
  readonly run: () => void;
}

/** What the palette offers here and now. */
export function useCommands({ node: { role }, sites }: Status): readonly Command[] {
  const { t } = useText();
  const { setSite, setTheme, setLocale } = useUi();
  return [
    ...screensAt(role).map(({ id }) => ({ id, name: nameOf(id, role, t), run: () => go(id) })),
    ...togetherTabs[role].map((id) => ({
      id: `together-${id}`,
      name: `${t.nav.screens.together}: ${t.together.tabs[id]}`,
      run: () => go('together', id),
    })),
    ...sites.map(({ name }) => ({ id: `site-${name}`, name: t.palette.site(name), run: () => setSite(name) })),
    ...themes.map((theme) => ({
      id: `theme-${theme}`,
      name: `${t.settings.themeLabel}: ${t.settings.theme[theme]}`,
      run: () => setTheme(theme),
    })),
    ...locales.map((locale) => ({
      id: `locale-${locale}`,
      name: `${t.settings.languageLabel}: ${catalogues[locale].languageName}`,
      run: () => setLocale(locale),
    })),
  ];
}
