import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isLoopback, isOwnHost } from './address.ts';

/** The subprotocol of `/api/events`; a browser, which cannot set headers there, offers its token as a second one. */
export const EVENTS_PROTOCOL = 'lockstep.events';
const TOKEN_PROTOCOL_PREFIX = 'lockstep.token.';

/** Nothing here comes from a page of another origin: the Host is ours, and an Origin, where there is one, is the same. */
export function isSameOrigin(request: IncomingMessage, configHost: string): boolean {
  const { host, origin } = request.headers;
  if (!isOwnHost(host, configHost)) return false;
  return origin === undefined || origin === `https://${host}`;
}

/** `Authorization: Bearer …`, or the token offered as a subprotocol. */
export function hasToken(request: IncomingMessage, token: string): boolean {
  const bearer = /^Bearer ([\w-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const offered = offeredProtocols(request).find((protocol) => protocol.startsWith(TOKEN_PROTOCOL_PREFIX));
  const given = bearer ?? offered?.slice(TOKEN_PROTOCOL_PREFIX.length);
  // Equal lengths for the constant-time comparison.
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

export function offeredProtocols(request: IncomingMessage): string[] {
  const header = request.headers['sec-websocket-protocol'] ?? '';
  return header.split(',').map((protocol) => protocol.trim());
}

/**
 * Metrics hold names and numbers, no secrets, and a scraper cannot follow a token that is new at each start:
 * a program of this machine may read them. What a proxy passes on comes from elsewhere.
 */
export function mayReadMetrics(request: IncomingMessage, token: string): boolean {
  const forwarded = ['forwarded', 'x-forwarded-for', 'via'].some((header) => request.headers[header] !== undefined);
  return hasToken(request, token) || (isLoopback(request.socket.remoteAddress) && !forwarded);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
