/** Without a window, as at login. */
export const HIDDEN = '--hidden';

export interface StartArguments {
  readonly hidden: boolean;
}

/**
 * What a command line asks for: that of this start, or that of a second one, which any program of this user can send. So
 * nothing of it is ever run, opened or passed on; what is not known is passed over.
 */
export function readArguments(argv: readonly unknown[]): StartArguments {
  return { hidden: argv.includes(HIDDEN) };
}
