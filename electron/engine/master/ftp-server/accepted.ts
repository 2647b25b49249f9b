import type { Server, Socket, SocketConstructorOpts } from 'node:net';
import { optionsOf } from './successor.ts';

/** A connection that has come to a listener. Nothing is read from it before it is made a socket. */
export interface Accepted {
  /** Of the other end; undefined: it has gone already. */
  readonly address: string | undefined;
  /** `make` is given what a socket of its kind is made of. Where Node has made one already it is that one. */
  toSocket(make: (options: SocketConstructorOpts) => Socket): Socket;
  close(): void;
}

/**
 * Tells of each connection to a server that listens, before a socket is made of it: what kind of socket it is to be is known only when a
 * transfer takes it, and to replace the one that Node makes costs as much again. This is no public interface of Node: where it is missing,
 * Node makes the sockets.
 */
export function eachAccepted(server: Server, accept: (connection: Accepted) => void): void {
  const listener: unknown = Reflect.get(server, '_handle');
  if (!isListener(listener)) {
    server.on('connection', (socket) => accept(ofSocket(socket)));
    return;
  }
  const asNode = listener.onconnection;
  listener.onconnection = (status, handle) => {
    if (handle) accept(ofHandle(handle));
    else asNode.call(listener, status, handle);
  };
}

function ofHandle(handle: Handle): Accepted {
  const peer: { address?: string } = {};
  handle.getpeername(peer);
  return {
    address: peer.address,
    toSocket: (make) => make(optionsOf(handle)),
    close: () => handle.close(),
  };
}

function ofSocket(socket: Socket): Accepted {
  socket.on('error', () => undefined);
  return { address: socket.remoteAddress, toSocket: () => socket, close: () => socket.destroy() };
}

/** Node's own, below a socket. */
interface Handle {
  getpeername(out: { address?: string }): number;
  close(): void;
}

interface Listener {
  onconnection: (this: Listener, status: number, handle: Handle | undefined) => void;
}

function isListener(value: unknown): value is Listener {
  return (
    typeof value === 'object' && value !== null && 'onconnection' in value && typeof value.onconnection === 'function'
  );
}
