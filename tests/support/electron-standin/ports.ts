import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';

interface Parcel {
  readonly data: unknown;
  readonly ports: readonly MessagePort[];
}

/** Electron's MessagePortMain over a MessagePort of Node. */
export class MessagePortMain extends EventEmitter {
  #raw: MessagePort | undefined;
  #started = false;

  constructor(raw: MessagePort) {
    super();
    this.#raw = raw;
    raw.on('close', () => this.emit('close'));
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#raw?.on('message', ({ data, ports }: Parcel) => {
      this.emit('message', { data, ports: ports.map((port) => new MessagePortMain(port)) });
    });
  }

  postMessage(data: unknown, transfer: readonly MessagePortMain[] = []): void {
    const ports = transfer.map((port) => port.take());
    this.#raw?.postMessage({ data, ports } satisfies Parcel, ports);
  }

  close(): void {
    this.#raw?.close();
  }

  /** The port itself, to be given away: this object is of no use afterwards. */
  take(): MessagePort {
    const raw = this.#raw;
    if (raw === undefined) throw new Error('the port was transferred before');
    this.#raw = undefined;
    raw.removeAllListeners();
    return raw;
  }
}

export class MessageChannelMain {
  readonly port1: MessagePortMain;
  readonly port2: MessagePortMain;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port1 = new MessagePortMain(port1);
    this.port2 = new MessagePortMain(port2);
  }
}

/** What goes over a pipe for the ports that it carries. */
export type PortMessage =
  | { readonly t: 'port'; readonly id: string; readonly data: unknown; readonly ports: readonly string[] }
  | { readonly t: 'portclose'; readonly id: string };

/** Carries ports over any ordered pipe of messages: to a page, to a child process. */
export class PortPipe {
  readonly #live = new Map<string, MessagePort>();
  readonly #send: (message: PortMessage) => void;
  readonly #prefix: string;
  #count = 0;

  /** `prefix` tells the ids that this end gives from those of the other end. */
  constructor(send: (message: PortMessage) => void, prefix: string) {
    this.#send = send;
    this.#prefix = prefix;
  }

  /** Gives ports away; the ids under which the other end opens them. */
  give(ports: readonly MessagePort[]): string[] {
    return ports.map((port) => {
      this.#count += 1;
      const id = `${this.#prefix}${this.#count}`;
      this.#bind(id, port);
      return id;
    });
  }

  /** The ports that the other end gave. */
  open(ids: readonly string[]): MessagePort[] {
    return ids.map((id) => {
      const { port1, port2 } = new MessageChannel();
      this.#bind(id, port1);
      return port2;
    });
  }

  receive(message: PortMessage): void {
    const port = this.#live.get(message.id);
    if (port === undefined) return;
    if (message.t === 'portclose') {
      this.#live.delete(message.id);
      port.close();
      return;
    }
    const ports = this.open(message.ports);
    port.postMessage({ data: message.data, ports } satisfies Parcel, ports);
  }

  closeAll(): void {
    for (const [id, port] of this.#live) {
      this.#live.delete(id);
      port.close();
    }
  }

  #bind(id: string, port: MessagePort): void {
    this.#live.set(id, port);
    port.on('message', ({ data, ports }: Parcel) => this.#send({ t: 'port', id, data, ports: this.give(ports) }));
    port.on('close', () => {
      if (this.#live.delete(id)) this.#send({ t: 'portclose', id });
    });
  }
}
