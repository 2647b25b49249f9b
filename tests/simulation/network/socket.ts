import type { End } from './network.ts';

/** What the engine sees of the connection that a link runs on. */
export class SimulatedSocket {
  readonly end: End;

  constructor(end: End) {
    this.end = end;
  }

  get remoteAddress(): string {
    return this.end.remoteHost;
  }

  get bytesRead(): number {
    return this.end.bytesRead;
  }

  /** Frames are what the simulated network carries: nothing is gathered. */
  readonly writableCorked = 0;

  cork(): void {}

  uncork(): void {}

  setNoDelay(): this {
    return this;
  }

  on(): this {
    return this;
  }

  destroy(): void {
    this.end.destroy();
  }
}

/** What goes over a link's connection: frames of a WebSocket. */
export type Frame =
  | { readonly kind: 'upgrade' }
  | { readonly kind: 'upgraded'; readonly status: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'ping' | 'pong'; readonly data: string }
  | { readonly kind: 'close'; readonly code: number };
