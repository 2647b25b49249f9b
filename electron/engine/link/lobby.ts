import type { Socket } from 'node:net';
import { addressKey } from '../core/address-key.ts';

export interface LobbyLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly stayMillis: number;
}

interface Guest {
  readonly socket: Socket;
  /** What of its address counts. */
  readonly address: string;
  readonly timer: NodeJS.Timeout;
}

/** Connections that nobody has answered for yet: few, not all from one address, and not for long. */
export class Lobby {
  readonly #limits: LobbyLimits;
  readonly #guests = new Map<string, Guest>();

  constructor(limits: LobbyLimits) {
    this.#limits = limits;
  }

  /** Takes in a new TCP connection, or ends it. */
  enter(socket: Socket): void {
    const address = addressKey(socket.remoteAddress ?? '');
    const id = endpointOf(socket);
    const { connections, connectionsPerAddress, stayMillis } = this.#limits;
    const fromAddress = [...this.#guests.values()].filter((guest) => guest.address === address).length;
    if (this.#guests.size >= connections || fromAddress >= connectionsPerAddress) {
      socket.destroy();
      return;
    }
    const timer = setTimeout(() => socket.destroy(), stayMillis);
    this.#guests.set(id, { socket, address, timer });
    socket.once('close', () => this.#remove(id));
  }

  /** The connection has become a link. TLS wraps the socket that came in: its remote end tells that it is the same. */
  leave(socket: Socket): void {
    this.#remove(endpointOf(socket));
  }

  clear(): void {
    for (const { socket } of this.#guests.values()) socket.destroy();
  }

  #remove(id: string): void {
    clearTimeout(this.#guests.get(id)?.timer);
    this.#guests.delete(id);
  }
}

function endpointOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
