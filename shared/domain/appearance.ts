export const locales = ['en', 'ja'] as const;
export type Locale = (typeof locales)[number];

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** The first of a person's languages, in their order, that is spoken here. */
export function preferredLocale(languages: readonly string[]): Locale {
  for (const language of languages) {
    const found = locales.find((locale) => language === locale || language.startsWith(`${locale}-`));
    if (found !== undefined) return found;
  }
  return 'en';
}
