import type { Socket, SocketConstructorOpts } from 'node:net';

/**
 * The options for a socket that takes the place of a paused one which nobody has read from, and that reads into buffers of ours: a fresh
 * buffer for each 64 KiB would keep V8 busy collecting them. Node offers that only for sockets that it connects itself. For an accepted
 * one its inner handle has to change hands, which is no public interface: where that is missing (undefined) the socket stays as it is, and
 * all goes on a little slower.
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
