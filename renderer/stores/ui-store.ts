import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { type Locale, preferredLocale, type Theme } from '../../shared/domain/appearance.ts';
import type { ScoreSpan } from '../../shared/domain/score.ts';

/** What the person chose about the interface itself. It stays with this window or browser. */
interface Ui {
  readonly theme: Theme;
  readonly locale: Locale;
  readonly site: string | undefined;
  /** What was chosen from the palette, the last first. */
  readonly recent: readonly string[];
  readonly remember: (command: string) => void;
  /** How much time the score shows. */
  readonly scoreSpan: ScoreSpan;
  readonly setTheme: (theme: Theme) => void;
  readonly setLocale: (locale: Locale) => void;
  readonly setSite: (site: string) => void;
  readonly setScoreSpan: (span: ScoreSpan) => void;
}

const RECENT_MAX = 8;

export const useUi = create<Ui>()(
  persist(
    (set) => ({
      theme: 'system',
      locale: preferredLocale(navigator.languages),
      site: undefined,
      recent: [],
      remember: (command) =>
        set(({ recent }) => ({
          recent: [command, ...recent.filter((each) => each !== command)].slice(0, RECENT_MAX),
        })),
      scoreSpan: 'hour',
      setTheme: (theme) => set({ theme }),
      setLocale: (locale) => set({ locale }),
      setSite: (site) => set({ site }),
      setScoreSpan: (scoreSpan) => set({ scoreSpan }),
    }),
    { name: 'lockstep.ui', version: 1 },
  ),
);
