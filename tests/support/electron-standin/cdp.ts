import { EventEmitter } from 'node:events';
import type { CDPSession } from '@playwright/test';

/** The Chrome DevTools Protocol of a browser or of one page, with the types that Playwright brings. */
export type Session = Pick<CDPSession, 'send' | 'on'>;

export interface Cdp extends Session {
  session(id: string): Session;
  onGone(listener: () => void): void;
}

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Opens a connection to a browser. */
export async function connectCdp(url: string): Promise<Cdp> {
  const socket = new WebSocket(url);
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error(`cannot connect to ${url}`));
  });
  const open = new Map<number, { resolve: (reply: unknown) => void; reject: (error: Error) => void; method: string }>();
  const emitters = new Map<string, EventEmitter>();
  const gone = new EventEmitter();
  let last = 0;

  const send = (method: string, params: object, sessionId?: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (socket.readyState !== WebSocket.OPEN) return reject(new Error(`${method}: the browser is gone`));
      last += 1;
      open.set(last, { resolve, reject, method });
      socket.send(JSON.stringify({ id: last, method, params, sessionId }));
    });

  const sessionOf = (sessionId?: string): Session => {
    const emitter = emitters.get(sessionId ?? '') ?? new EventEmitter().setMaxListeners(0);
    emitters.set(sessionId ?? '', emitter);
    const session = {
      on: (name: string, listener: (payload: unknown) => void) => emitter.on(name, listener),
      send: (method: string, params: object = {}) => send(method, params, sessionId),
    };
    // The protocol's own types stand for what comes out of its JSON.
    return session as unknown as Session;
  };
  const root: Cdp = Object.assign(sessionOf(), {
    session: sessionOf,
    onGone: (listener: () => void) => void gone.once('gone', listener),
  });

  socket.onmessage = ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id === undefined) {
      emitters.get(message.sessionId ?? '')?.emit(message.method ?? '', message.params);
      return;
    }
    const call = open.get(message.id);
    open.delete(message.id);
    if (message.error === undefined) call?.resolve(message.result);
    else call?.reject(new Error(`${call.method}: ${message.error.message}`));
  };
  socket.onclose = () => {
    for (const { reject, method } of open.values()) reject(new Error(`${method}: the browser is gone`));
    open.clear();
    gone.emit('gone');
  };
  return root;
}
