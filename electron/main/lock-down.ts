import { app, session, shell } from 'electron';
import { origin } from './app-protocol.ts';

/** Pages on the web that the interface may open in the person's browser. */
const EXTERNAL = new Set(['https://github.com']);

/** Electron's security list, for every page that this app will ever have: no way out, no guests, no permissions. */
export function lockDown(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => {
      if (!isOurs(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => {
      if (!isOurs(event.url)) event.preventDefault();
    });
    contents.on('will-frame-navigate', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      const target = URL.parse(url);
      if (target !== null && EXTERNAL.has(target.origin)) void shell.openExternal(target.href);
      return { action: 'deny' };
    });
  });
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  session.defaultSession.setDevicePermissionHandler(() => false);
}

/** True for a page of the interface itself. */
export function isOurs(url: string): boolean {
  // Not `URL.origin`: it is 'null' for a scheme of one's own.
  const parsed = URL.parse(url);
  return parsed !== null && `${parsed.protocol}//${parsed.host}` === origin;
}
