import type { PairReply, PairRequest } from '../../../shared/contract/link.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Peer } from '../../../electron/engine/core/peer.ts';
import { simulation } from '../current.ts';
import type { End } from './network.ts';
import { type Frame, SimulatedSocket } from './socket.ts';
import { WebSocket } from './websocket.ts';

/** In the place of the HTTPS server that links are opened at. */
interface LinkServerOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly identity: { readonly id: string; readonly cert: string };
  readonly find: (id: string) => Peer | undefined;
  readonly onLink: (peer: Peer, socket: WebSocket, transport: SimulatedSocket) => void;
  readonly pair: ((request: PairRequest, caller: Caller) => Promise<PairReply>) | undefined;
  readonly checkInvitation: ((secret: string) => void) | undefined;
}

interface Caller {
  readonly id: string;
  readonly pem: string;
  readonly remoteAddress: string;
}

type Heard =
  | Frame
  | { readonly kind: 'pair'; readonly request: PairRequest }
  | { readonly kind: 'check'; readonly secret: string }
  | { readonly kind?: never; readonly certificate: { readonly id: string; readonly pem: string } | undefined };

export class LinkServer {
  readonly #options: LinkServerOptions;
  #stop: (() => void) | undefined;
  readonly #lobby = new Set<End>();

  constructor(options: LinkServerOptions) {
    this.#options = options;
  }

  get address(): { host: string; port: number } | null {
    return this.#stop ? this.#options.listen : null;
  }

  async listen(): Promise<void> {
    const { host, port } = this.#options.listen;
    this.#stop = simulation().network.listen(host, port, (end) => this.#accept(end));
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  async stop(): Promise<void> {
    this.close();
    for (const end of this.#lobby) end.destroy();
  }

  #accept(end: End): void {
    const { identity } = this.#options;
    let shown: { readonly id: string; readonly pem: string } | undefined;
    this.#lobby.add(end);
    end.onClosed = () => this.#lobby.delete(end);
    end.onMessage = (message) => {
      const heard = message as Heard;
      if (heard.kind === undefined) {
        shown = heard.certificate;
        return end.send({ certificate: { id: identity.id, pem: identity.cert } }, 2000);
      }
      if (heard.kind === 'check') return this.#check(end, heard.secret);
      if (shown === undefined) return end.destroy();
      if (heard.kind === 'upgrade') this.#upgrade(end, shown.id);
      else if (heard.kind === 'pair') void this.#pair(end, heard.request, { ...shown, remoteAddress: end.remoteHost });
    };
  }

  #upgrade(end: End, id: string): void {
    const peer = this.#options.find(id);
    end.send({ kind: 'upgraded', status: peer ? 101 : 403 } satisfies Frame, 200);
    if (!peer) return end.end();
    this.#lobby.delete(end);
    const socket = new SimulatedSocket(end);
    this.#options.onLink(peer, new WebSocket(null, { createConnection: () => socket }), socket);
  }

  #check(end: End, secret: string): void {
    const { checkInvitation } = this.#options;
    if (!checkInvitation) return end.destroy();
    try {
      checkInvitation(secret);
      end.send({ ok: true }, 200);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      end.send({ ok: false, error: error.toJSON() }, 300);
    }
  }

  async #pair(end: End, request: PairRequest, caller: Caller): Promise<void> {
    const { pair } = this.#options;
    if (!pair) return end.destroy();
    const reply = await pair(request, caller).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      return { ok: false, error: error.toJSON() };
    });
    end.send(reply, 500);
  }
}
