import { create } from 'zustand';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';

/** What was just set up, as long as the person has not gone on. */
export type SetUp =
  | {
      readonly role: 'master';
      readonly site: string;
      /** The password is shown this once. */
      readonly account?: { readonly user: string; readonly password: string };
      /** The site is there, and the account could not be made. */
      readonly refusal?: ErrorJson;
    }
  /** `site` absent: the only one. */
  | { readonly role: 'mirror'; readonly site?: string };

interface Guide {
  readonly setUp: SetUp | undefined;
  readonly finish: (setUp: SetUp) => void;
  readonly goOn: () => void;
}

export const useGuide = create<Guide>((set) => ({
  setUp: undefined,
  finish: (setUp) => set({ setUp }),
  goOn: () => set({ setUp: undefined }),
}));
