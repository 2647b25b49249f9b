import type { Socket, SocketConstructorOpts } from 'node:net';

/**
 * Of what a socket is made that takes the place of a paused one which nobody has read from, and that reads into buffers of ours: a fresh
 * one for each 64 KiB keeps V8 busy collecting them. Node offers that for sockets which it connects itself only. For one that was
 * accepted its inner handle has to change hands, which is not a public way: where it is not there (undefined) the socket stays as
 * it is, and all goes on a little slower.
 */
export function successorOf(socket: Socket): SocketConstructorOpts | undefined {
  if (socket.destroyed || socket.readableLength > 0) return undefined;
  const handle: unknown = '_handle' in socket ? socket._handle : undefined;
  if (typeof handle !== 'object' || handle === null || !('useUserBuffer' in handle)) return undefined;
  Reflect.set(socket, '_handle', null);
  socket.destroy();
  return optionsOf(handle);
}

/** What a socket is made of around Node's own inner one, paused, as Node's servers make theirs. */
export function optionsOf(handle: object): SocketConstructorOpts {
  const options: SocketConstructorOpts = {};
  return Object.assign(options, { handle, pauseOnCreate: true });
}
