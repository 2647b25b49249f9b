import { Socket, type SocketConstructorOpts } from 'node:net';
import { Landing } from '../../core/landing.ts';
import { UPLOAD_BUFFER_BYTES } from './limits.ts';
import { successorOf } from './successor.ts';

/** Where bytes go that nobody wants. */
const SINK = Buffer.allocUnsafe(64 * 1024);

/** Where the bytes of a socket go; `landing` undefined: nobody wants them any more. */
interface Ground {
  landing: Landing | undefined;
}

/** A data connection of an upload whose bytes land where they are written from. */
export class LandingSocket extends Socket {
  readonly #ground: Ground;
  onLanded: (bytes: number) => void = ignore;

  private constructor(options: SocketConstructorOpts, ground: Ground) {
    super(options);
    this.#ground = ground;
    this.on('error', ignore);
  }

  get landing(): Landing | undefined {
    return this.#ground.landing;
  }

  /** In the place of a paused socket that nobody has read from; that one where it is not to be had. */
  static takeOver(socket: Socket): Socket {
    if (socket instanceof LandingSocket) return socket;
    const options = successorOf(socket);
    return options ? LandingSocket.of(options) : socket;
  }

  /** `options`: what the socket of a connection that was accepted is made of. */
  static of(options: SocketConstructorOpts): LandingSocket {
    const ground: Ground = { landing: new Landing(UPLOAD_BUFFER_BYTES) };
    let taken: LandingSocket | undefined;
    const callback = (bytes: number): boolean => {
      taken?.landed(bytes);
      return true;
    };
    const onread = { buffer: () => ground.landing?.room ?? SINK, callback };
    taken = new LandingSocket({ ...options, onread }, ground);
    return taken;
  }

  /** What has come and what comes is not wanted. */
  discard(): void {
    this.#ground.landing = undefined;
    this.onLanded = ignore;
    this.resume();
  }

  private landed(bytes: number): void {
    const { landing } = this.#ground;
    if (!landing) return;
    landing.landed(bytes);
    if (landing.isFull) this.pause();
    this.onLanded(bytes);
  }
}

/** From now on what `data` brings lands in what is returned, and `onLanded` is told of it. Where that is full it is paused. */
export function landingOf(data: Socket, onLanded: (bytes: number) => void): Landing {
  if (data instanceof LandingSocket && data.landing) {
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

/** Reads on, so that the client comes to the end of what it sends, and throws it away. */
export function discard(data: Socket): void {
  // Who waits for our word that the connection ends (Python, with TLS) gets it.
  data.once('end', () => data.end());
  if (data instanceof LandingSocket) data.discard();
  else data.removeAllListeners('data').resume();
}

function ignore(): void {}
