import type { Status } from '../../../shared/contract/status.ts';

/** The state of this install as a text to be sent to somebody: no addresses of the console, which open it, and no token. */
export function diagnostics({ listeners, ...status }: Status, view: string, locale: string): string {
  const { ftp, link, console: open } = listeners;
  const shown = { ftp, link, console: open && { host: open.host, port: open.port } };
  const about = { at: new Date().toISOString(), view, locale, browser: navigator.userAgent };
  return JSON.stringify({ about, ...status, listeners: shown }, null, 2);
}
