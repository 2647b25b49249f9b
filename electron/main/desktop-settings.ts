import { z } from 'zod';

export const locales = ['en', 'ja'] as const;
export const themes = ['system', 'light', 'dark'] as const;

/** `desktop.json`: what the person chose about the app around the interface. The interface tells language and theme. */
export const desktopSettings = z.object({
  locale: z.enum(locales).optional().catch(undefined),
  theme: z.enum(themes).catch('system'),
  /** What closing the window does; absent: nobody has said. */
  whenClosed: z.enum(['stay', 'quit']).optional().catch(undefined),
  /** The person has been told once that closing the window does not end the app. */
  staysTold: z.boolean().catch(false),
  notifications: z.boolean().catch(true),
  /** Look for a newer version now and then. */
  updates: z.boolean().catch(false),
});

export type DesktopSettings = z.output<typeof desktopSettings>;
export type Locale = (typeof locales)[number];

export const defaultSettings: DesktopSettings = desktopSettings.parse({});

/** The chosen language, else the first of the system's that the app speaks. */
export function localeOf(settings: DesktopSettings, systemLanguages: readonly string[]): Locale {
  if (settings.locale !== undefined) return settings.locale;
  for (const language of systemLanguages) {
    const found = locales.find((locale) => language === locale || language.startsWith(`${locale}-`));
    if (found !== undefined) return found;
  }
  return 'en';
}
