import { EventEmitter } from 'node:events';
import { MessagePortMain, type PortMessage, PortPipe } from './ports.ts';

/** Loaded first in a child of `utilityProcess.fork`: gives it `process.parentPort`. */
type Incoming = PortMessage | { readonly t: 'msg'; readonly data: unknown; readonly ports: readonly string[] };
type Letter = Extract<Incoming, { t: 'msg' }>;

const send = (message: object): void => void (process.connected && process.send?.(message));
const pipe = new PortPipe(send, 'c');
const early: Letter[] = [];
const parentPort = Object.assign(new EventEmitter(), {
  postMessage: (data: unknown) => send({ t: 'msg', data }),
  start: () => undefined,
  pause: () => undefined,
});

const deliver = ({ data, ports }: Letter): void => {
  parentPort.emit('message', { data, ports: pipe.open(ports).map((port) => new MessagePortMain(port)) });
};

// What comes before somebody listens waits, as in Electron.
parentPort.on('newListener', (name) => {
  if (name === 'message') queueMicrotask(() => early.splice(0).forEach(deliver));
});
process.on('message', (message) => {
  const incoming = message as Incoming;
  if (incoming.t !== 'msg') pipe.receive(incoming);
  else if (parentPort.listenerCount('message') > 0) deliver(incoming);
  else early.push(incoming);
});
process.on('disconnect', () => process.exit(0));
Object.defineProperty(process, 'parentPort', { value: parentPort });
Object.defineProperty(process, 'type', { value: 'utility' });
