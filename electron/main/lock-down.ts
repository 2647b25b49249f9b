import { app, session, shell } from 'electron';
import { origin } from './app-protocol.ts';

/** Pages on the web that the interface may open in the person's browser. */
const EXTERNAL = new Set(['https://github.com']);

/** To copy a pairing code. Only our own pages are ever loaded, so it need not be asked whose page it is. */
const PERMITTED: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

/** Electron's security list, for every page that this app will ever have: no way out, no guests, but one permission. */
export function lockDown(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => {
      if (!isOurs(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => {
      if (!isOurs(event.url)) event.preventDefault();
    });
    // The interface has no frames.
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      openExternal(url);
      return { action: 'deny' };
    });
  });
  session.defaultSession.setPermissionRequestHandler((_contents, permission, decide) =>
    decide(PERMITTED.has(permission)),
  );
  session.defaultSession.setPermissionCheckHandler((_contents, permission) => PERMITTED.has(permission));
  session.defaultSession.setDevicePermissionHandler(() => false);
}

/** Opens an address in the person's browser, if it is one of those that the app has a reason to open. */
export function openExternal(url: string): void {
  const target = externalAddress(url);
  // A system without a browser has nothing to say to the person that they do not see.
  if (target !== undefined) shell.openExternal(target).catch(() => undefined);
}

/** The address as the browser gets it; undefined where it is not allow-listed. */
export function externalAddress(url: string): string | undefined {
  const target = URL.parse(url);
  return target !== null && EXTERNAL.has(target.origin) ? target.href : undefined;
}

/** True for a page of the interface itself. */
export function isOurs(url: string): boolean {
  // Not `URL.origin`: it is 'null' for a scheme of one's own.
  const parsed = URL.parse(url);
  return parsed !== null && `${parsed.protocol}//${parsed.host}` === origin;
}
