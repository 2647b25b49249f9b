import { z } from 'zod';
import { type Locale, locales, preferredLocale, themes } from '../../shared/domain/appearance.ts';

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

export const defaultSettings: DesktopSettings = desktopSettings.parse({});

/** The chosen language, else the first of the system's that the app speaks. */
export function localeOf(settings: DesktopSettings, systemLanguages: readonly string[]): Locale {
  return settings.locale ?? preferredLocale(systemLanguages);
}
