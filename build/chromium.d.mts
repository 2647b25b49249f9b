/** The path of a Chromium: the one of LOCKSTEP_CHROMIUM, Playwright's own, the system's, in this order. */
export function findChromium(): string | undefined;
