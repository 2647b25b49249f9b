import type { ErrorJson } from '../../shared/errors/app-error.ts';
import { sentence as english } from '../../shared/errors/sentences.en.ts';
import { sentence as japanese } from '../../shared/errors/sentences.ja.ts';
import { useUi } from '../stores/ui-store.ts';
import { en, type Messages } from './en.ts';
import { type Format, formatFor } from './format.ts';
import { ja } from './ja.ts';
import type { Locale } from './locale.ts';

export const catalogues: Readonly<Record<Locale, Messages>> = { en, ja };

interface Text {
  readonly t: Messages;
  readonly format: Format;
  readonly locale: Locale;
  /** What happened and what to do about it. */
  readonly sentence: (error: ErrorJson) => string;
}

const texts: Readonly<Record<Locale, Text>> = {
  en: { t: en, format: formatFor('en'), locale: 'en', sentence: (error) => english(error, 'app') },
  ja: { t: ja, format: formatFor('ja'), locale: 'ja', sentence: japanese },
};

/** The texts and formats of the chosen language. */
export function useText(): Text {
  return texts[useUi((ui) => ui.locale)];
}
