import type { LinkMessage } from '../../../shared/contract/link.ts';
import type { AppError } from '../../../shared/errors/app-error.ts';
import type { Peer } from '../core/peer.ts';

/** An open, authenticated link to one peer. At most one per peer: a newer one replaces the older. */
export interface LinkSession {
  readonly peer: Peer;
  /** The peer's IP address as seen on the socket. */
  readonly remoteAddress: string;
  /** Sends, or drops silently once closed. Callers that can wait look at `backlog` first. */
  send(message: LinkMessage): void;
  /** Bytes accepted by `send` that the socket has not taken yet. */
  readonly backlog: number;
  /** Resolves when `backlog` is below the low-water mark, or the link is closed. */
  drained(): Promise<void>;
  /** Nothing more is read for as long as somebody holds it: what is taken in more slowly than it comes waits at the peer. */
  hold(holder: object): void;
  letGo(holder: object): void;
  close(error: AppError): void;
  readonly closed: boolean;
}

/** What the engine does with links. `onMessage` gets messages that parsed, in order, one at a time. */
export interface LinkHandlers {
  /** Called once the link is open, before any message. What it returns receives this link's events. */
  onOpen(session: LinkSession): {
    onMessage(message: LinkMessage): void;
    onClose(error: AppError): void;
  };
}
