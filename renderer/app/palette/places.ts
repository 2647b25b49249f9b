import type { Status } from '../../../shared/contract/status.ts';
import { togetherTabs } from '../../features/together/tabs.ts';
import type { Messages } from '../../i18n/en.ts';
import { locales, themes } from '../../../shared/domain/appearance.ts';
import { catalogues, useText } from '../../i18n/use-text.ts';
import { useUi } from '../../stores/ui-store.ts';
import { go } from '../../stores/location.ts';
import { nameOf, screensAt } from '../screens.ts';
import { withModifier } from '../shortcuts.ts';
import type { Command } from './command.ts';

/** The screens with their parts, and each mirror. */
export function usePlaces(status: Status): readonly Command[] {
  const { sites } = status;
  const { role } = status.node;
  const { t } = useText();
  const peers = new Map(sites.flatMap((site) => site.peers).map((peer) => [peer.name, peer]));
  return [
    ...screensAt(status).map(
      ({ id }, index): Command => ({
        id: `place-${id}`,
        kind: 'place',
        ...named((texts) => nameOf(id, role, texts), t),
        ...(index < 9 && { keys: withModifier(String(index + 1)) }),
        run: () => go(id),
      }),
    ),
    ...togetherTabs[role].map(
      (id): Command => ({
        id: `together-${id}`,
        kind: 'place',
        ...named((texts) => `${texts.nav.screens.together}: ${texts.together.tabs[id]}`, t),
        run: () => go('together', id),
      }),
    ),
    ...[...peers.values()].map(
      ({ name }): Command => ({
        id: `mirror-${name}`,
        kind: 'mirror',
        name,
        run: () => go('mirrors', name),
      }),
    ),
  ];
}

/** What the interface shows and how. */
export function useChoices({ sites }: Status): readonly Command[] {
  const { t } = useText();
  const { setSite, setTheme, setLocale } = useUi();
  return [
    ...(sites.length < 2 ? [] : sites).map(
      ({ name }): Command => ({
        id: `site-${name}`,
        kind: 'site',
        ...named((texts) => texts.palette.site(name), t),
        run: () => setSite(name),
      }),
    ),
    ...themes.map(
      (theme): Command => ({
        id: `theme-${theme}`,
        kind: 'setting',
        ...named((texts) => `${texts.settings.themeLabel}: ${texts.settings.theme[theme]}`, t),
        run: () => setTheme(theme),
      }),
    ),
    ...locales.map(
      (locale): Command => ({
        id: `locale-${locale}`,
        kind: 'setting',
        ...named((texts) => `${texts.settings.languageLabel}: ${catalogues[locale].languageName}`, t),
        run: () => setLocale(locale),
      }),
    ),
  ];
}

/** In the language of the person, and to be found by its English name, too. */
export function named(nameIn: (texts: Messages) => string, t: Messages): Pick<Command, 'name' | 'otherName'> {
  const [name, english] = [nameIn(t), nameIn(catalogues.en)];
  return { name, ...(english !== name && { otherName: english }) };
}
