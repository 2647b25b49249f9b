import { codeOfLink } from './pairing-link.ts';

/** Without a window, as at login. */
export const HIDDEN = '--hidden';

export interface StartArguments {
  readonly hidden: boolean;
  /** Of a link that a person has opened: it is shown to them, filled in. */
  readonly code: string | undefined;
}

/**
 * What a command line asks for: that of this start, or that of a second one, which any program of this user can send. So
 * nothing of it is ever run or opened; a pairing code, and nothing else of it, is shown. What is not known is passed over.
 */
export function readArguments(argv: readonly unknown[]): StartArguments {
  return { hidden: argv.includes(HIDDEN), code: argv.map(codeOfLink).find((code) => code !== undefined) };
}
