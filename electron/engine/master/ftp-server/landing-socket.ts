import { Socket, type SocketConstructorOpts } from 'node:net';
import { Landing } from '../../core/landing.ts';
import { UPLOAD_BUFFER_BYTES } from './limits.ts';
import { successorOf } from './successor.ts';

/** A data connection of an upload whose bytes land where they are written from. */
export class LandingSocket extends Socket {
  readonly landing: Landing;
  onLanded: (bytes: number) => void = ignore;

  private constructor(options: SocketConstructorOpts, landing: Landing) {
    super(options);
    this.landing = landing;
    this.on('error', ignore);
  }

  /** In the place of a paused socket that nobody has read from; that one where it is not to be had. */
  static takeOver(socket: Socket): Socket {
    const landing = new Landing(UPLOAD_BUFFER_BYTES);
    let taken: LandingSocket | undefined;
    const callback = (bytes: number): boolean => {
      taken?.landed(bytes);
      return true;
    };
    const options = successorOf(socket, { buffer: () => landing.room, callback });
    if (!options) return socket;
    taken = new LandingSocket(options, landing);
    return taken;
  }

  private landed(bytes: number): void {
    this.landing.landed(bytes);
    if (this.landing.isFull) this.pause();
    this.onLanded(bytes);
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
