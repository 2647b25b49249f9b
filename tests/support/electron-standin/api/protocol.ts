import { EventEmitter } from 'node:events';
import { note, noted, strict } from '../runtime.ts';

type Handler = (request: Request) => Response | Promise<Response>;

const handlers = new Map<string, Handler>();

export const protocol = strict('protocol', {
  registerSchemesAsPrivileged: (schemes: unknown) => note('protocol.registerSchemesAsPrivileged', schemes),
  handle: (scheme: string, handler: Handler) => void handlers.set(scheme, handler),
  unhandle: (scheme: string) => void handlers.delete(scheme),
  isProtocolHandled: (scheme: string) => handlers.has(scheme),
});

/** Chromium is told of `https://HOST.SCHEME.invalid` where the app says `SCHEME://HOST`. */
export function toBrowser(url: string): string {
  return url.replace(/^([a-z][\w+.-]*):\/\/([^/]*)/, (whole, scheme: string, host: string) =>
    handlers.has(scheme) ? `https://${host || 'host'}.${scheme}.invalid` : whole,
  );
}

export function fromBrowser(url: string): string {
  return url.replace(/^https:\/\/([^/]*)\.([a-z][\w+-]*)\.invalid/, (whole, host: string, scheme: string) =>
    handlers.has(scheme) ? `${scheme}://${host}` : whole,
  );
}

/** The handler of a URL's scheme. */
export function handlerOf(url: string): Handler | undefined {
  return handlers.get(new URL(url).protocol.slice(0, -1));
}

function makeSession(): object {
  const recorded = noted(
    'session',
    'setPermissionRequestHandler',
    'setPermissionCheckHandler',
    'setDevicePermissionHandler',
    'setSpellCheckerEnabled',
    'setUserAgent',
  );
  return strict('session', Object.assign(new EventEmitter(), { protocol, ...recorded }));
}

export const session = strict('session', { defaultSession: makeSession(), fromPartition: makeSession });
