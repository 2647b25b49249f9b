import { Socket, type SocketConstructorOpts } from 'node:net';
import { Landing } from '../../core/landing.ts';
import { UPLOAD_BUFFER_BYTES } from './limits.ts';

/** A data connection of an upload whose bytes land where they are written from. */
export class LandingSocket extends Socket {
  readonly landing: Landing;
  onLanded: (bytes: number) => void = ignore;

  private constructor(handle: unknown) {
    const landing = new Landing(UPLOAD_BUFFER_BYTES);
    const options: SocketConstructorOpts = {
      onread: { buffer: () => landing.room, callback: (bytes) => this.#landed(bytes) },
    };
    // As Node's own servers make their sockets.
    Object.assign(options, { handle, pauseOnCreate: true });
    super(options);
    this.landing = landing;
    this.on('error', ignore);
  }

  /**
   * Takes over a paused socket that nobody has read from. Node reads into buffers of ours only where it makes the socket itself; for
   * one that was accepted its inner handle has to change hands, which is not a public way: where it is not there the
   * socket stays as it is, and all goes on a little slower.
   */
  static takeOver(socket: Socket): Socket {
    const handle: unknown = '_handle' in socket ? socket._handle : undefined;
    if (socket.destroyed || socket.readableLength > 0) return socket;
    if (typeof handle !== 'object' || handle === null || !('useUserBuffer' in handle)) return socket;
    Reflect.set(socket, '_handle', null);
    socket.destroy();
    return new LandingSocket(handle);
  }

  #landed(bytes: number): boolean {
    this.landing.landed(bytes);
    if (this.landing.isFull) this.pause();
    this.onLanded(bytes);
    return true;
  }
}

/** From now on what `data` brings lands in what is returned, and `onLanded` is told of it. Where that is full it is paused. */
export function landingOf(data: Socket, onLanded: (bytes: number) => void): Landing {
  if (data instanceof LandingSocket) {
    data.onLanded = onLanded;
    return data.landing;
  }
  const landing = new Landing(UPLOAD_BUFFER_BYTES);
  data.on('data', (piece: Buffer) => {
    landing.put(piece);
    if (landing.isFull) data.pause();
    onLanded(piece.length);
  });
  return landing;
}

function ignore(): void {}
