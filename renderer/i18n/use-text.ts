import { useUi } from '../stores/ui-store.ts';
import { en, type Messages } from './en.ts';
import { type Format, formatFor } from './format.ts';
import { ja } from './ja.ts';
import type { Locale } from './locale.ts';

export const catalogues: Readonly<Record<Locale, Messages>> = { en, ja };
const formats: Readonly<Record<Locale, Format>> = { en: formatFor('en'), ja: formatFor('ja') };

/** The texts and formats of the chosen language. */
export function useText(): { t: Messages; format: Format; locale: Locale } {
  const locale = useUi((ui) => ui.locale);
  return { t: catalogues[locale], format: formats[locale], locale };
}
