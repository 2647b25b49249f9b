import { EventEmitter } from 'node:events';
import { simulation } from '../current.ts';
import type { Process } from '../process.ts';

/** In the place of `node:dgram`, as far as groups are concerned: what is sent to one may be lost, come twice, or in another order. */
type Taken = (error: Error | null) => void;

class GroupMember extends EventEmitter {
  readonly #process: Process;
  readonly #leave = new Map<string, () => void>();
  #port = 0;
  #closed = false;

  constructor(process: Process) {
    super();
    this.#process = process;
  }

  bind({ port }: { readonly port: number }): this {
    this.#port = port;
    this.#later('datagrams', () => this.emit('listening'));
    return this;
  }

  addMembership(group: string): void {
    if (this.#leave.has(group))
      throw Object.assign(new Error('addMembership EADDRINUSE'), { code: 'EADDRINUSE', syscall: 'addMembership' });
    const hear = (bytes: Buffer): void => {
      if (!this.#closed) this.emit('message', bytes);
    };
    const leave = simulation().network.join(`${group}:${this.#port}`, this.#process, hear);
    const forget = this.#process.atEnd(leave);
    this.#leave.set(group, () => {
      leave();
      forget();
    });
  }

  setMulticastTTL(): void {}

  setMulticastLoopback(): void {}

  setMulticastInterface(): void {}

  setRecvBufferSize(): void {}

  getSendQueueSize(): number {
    return 0;
  }

  send(bytes: Buffer, port: number, group: string, taken: Taken): void {
    simulation().network.announce(`${group}:${port}`, this.#process, bytes);
    this.#later('datagram taken', () => taken(null));
  }

  close(closed: () => void): void {
    this.#closed = true;
    for (const leave of this.#leave.values()) leave();
    this.#leave.clear();
    this.#later('datagrams closed', closed);
  }

  #later(label: string, work: () => void): void {
    simulation().scheduler.after(0.01, label, work, this.#process);
  }
}

export type { GroupMember as Socket };

export function createSocket(): GroupMember {
  const { process } = simulation().scheduler;
  if (process === undefined) throw new Error('only a process has sockets');
  return new GroupMember(process);
}
