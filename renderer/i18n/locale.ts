export const locales = ['en', 'ja'] as const;
export type Locale = (typeof locales)[number];

export function preferredLocale(languages: readonly string[]): Locale {
  for (const language of languages) {
    const found = locales.find((locale) => language === locale || language.startsWith(`${locale}-`));
    if (found !== undefined) return found;
  }
  return 'en';
}
