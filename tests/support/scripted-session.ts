import type { LinkMessage } from '../../shared/contract/link.ts';
import type { LinkSession } from '../../electron/engine/link/link-session.ts';
import { TOKYO } from './tokyo.ts';

/** A link to tokyo, or whoever `more` says, without a socket: what is sent goes to `send`. */
export function aSession(send: (message: LinkMessage) => void, more: Partial<LinkSession> = {}): LinkSession {
  const nothing = (): void => undefined;
  const none = { backlog: 0, drained: () => Promise.resolve(), hold: nothing, letGo: nothing, close: nothing };
  const session = { peer: TOKYO, remoteAddress: '127.0.0.1', send, closed: false, ...none };
  return Object.defineProperties(session, Object.getOwnPropertyDescriptors(more));
}
