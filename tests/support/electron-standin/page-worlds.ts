import { type Codec, makeCodec } from './clone.ts';

/**
 * What runs in a page: one half in its own world, one in an isolated world together with the preload. Both functions are
 * put into the page as source text, so they refer to nothing outside of themselves. The halves talk by events on the
 * window whose name only they know, as `contextBridge` does: functions become calls, promises are settled across.
 */
export interface PageInfo {
  /** Makes this document's port ids its own. */
  readonly nonce: number;
  readonly platform: string;
  readonly arch: string;
  readonly versions: Readonly<Record<string, string | undefined>>;
  readonly argv: readonly string[];
}

/** The name of the isolated world, and of the way out of it. */
export const WORLD = 'Electron Isolated Context';
export const BINDING = '__standinSend';
export const RECEIVE = '__standinReceive';
/** The function in which the isolated world stops for a synchronous question; the debugger answers it. */
export const QUESTION = 'standinQuestion';

export function mainWorldSource(key: string): string {
  return `(${mainWorld.toString()})(${JSON.stringify(key)})`;
}

export function isolatedWorldSource(key: string, info: PageInfo, preload: string): string {
  const args = [JSON.stringify(key), JSON.stringify(info), `(${makeCodec.toString()})()`].join(', ');
  const wrapped = `function (require, module, exports, process, globalThis) {${preload}\n}`;
  return `(${isolatedWorld.toString()})(${args}, ${wrapped})`;
}

function mainWorld(key: string): void {
  type Wire = { [k: string]: unknown; id?: number };
  type Letter = {
    op: string;
    name?: string;
    id?: number;
    value?: unknown;
    ok?: unknown;
    err?: unknown;
    args?: unknown[];
  };
  const callbacks = new Map<number, (...args: unknown[]) => unknown>();
  const ids = new WeakMap<object, number>();
  const pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  let count = 0;
  let reply: Letter | undefined;

  const isPlain = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' &&
    value !== null &&
    (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype);
  const each = (value: Record<string, unknown>, change: (item: unknown) => unknown): unknown =>
    Array.isArray(value)
      ? value.map(change)
      : Object.fromEntries(Object.entries(value).map(([name, item]) => [name, change(item)]));

  const outgoing = (value: unknown): unknown => {
    if (typeof value === 'function') {
      let id = ids.get(value);
      if (id === undefined) {
        id = ++count;
        ids.set(value, id);
        callbacks.set(id, value as (...args: unknown[]) => unknown);
      }
      return { [key]: 'function', id };
    }
    return isPlain(value) ? each(value, outgoing) : value;
  };
  const incoming = (value: unknown): unknown => {
    if (!isPlain(value)) return value;
    const wire = value as Wire;
    const id = wire.id ?? 0;
    if (wire[key] === 'function') return (...args: unknown[]) => call(id, args);
    if (wire[key] === 'promise') return new Promise((resolve, reject) => pending.set(id, { resolve, reject }));
    if (wire[key] === 'error') return Object.assign(new Error(String(wire['message'])), { name: wire['name'] });
    return each(value, incoming);
  };
  const call = (id: number, args: unknown[]): unknown => {
    dispatchEvent(new CustomEvent(`${key}>`, { detail: { id, args: args.map(outgoing) } }));
    const answer = reply;
    reply = undefined;
    if (answer === undefined) throw new Error('the preload did not answer');
    if (answer.err !== undefined) throw incoming(answer.err);
    return incoming(answer.ok);
  };
  const freeze = (value: unknown): unknown => {
    if (isPlain(value)) {
      Object.values(value).forEach(freeze);
      Object.freeze(value);
    }
    return value;
  };

  addEventListener(
    `${key}<`,
    (received) => {
      received.stopImmediatePropagation();
      const letter = (received as CustomEvent<Letter>).detail;
      const id = letter.id ?? 0;
      if (letter.op === 'expose') {
        Object.defineProperty(window, letter.name ?? '', { value: freeze(incoming(letter.value)), enumerable: true });
      } else if (letter.op === 'reply') {
        reply = letter;
      } else if (letter.op === 'settle') {
        const promise = pending.get(id);
        pending.delete(id);
        if (letter.err === undefined) promise?.resolve(incoming(letter.ok));
        else promise?.reject(incoming(letter.err));
      } else {
        try {
          callbacks.get(id)?.(...(letter.args ?? []).map(incoming));
        } catch (error) {
          reportError(error);
        }
      }
    },
    true,
  );
}

type Preload = (require: unknown, module: object, exports: object, process: object, globals: unknown) => void;

function isolatedWorld(key: string, info: PageInfo, codec: Codec, preload: Preload): void {
  type Listener = (...args: unknown[]) => void;
  type Letter = { id?: number; args?: unknown[] };
  type Incoming = {
    t: string;
    id: number | string;
    channel: string;
    ok?: unknown;
    err?: string;
    args: unknown[];
    ports?: string[];
    data?: unknown;
  };

  const globals = globalThis as unknown as Record<string, unknown>;
  const raw = globals['__standinSend'] as (text: string) => void;
  delete globals['__standinSend'];
  const send = (message: object): void => raw(codec.encode(message));
  const errorOf = (error: unknown): object => ({
    [key]: 'error',
    name: error instanceof Error ? error.name : 'Error',
    message: error instanceof Error ? error.message : String(error),
  });

  // A synchronous question: the debugger of the stand-in puts the answer into `answer` while this stands still.
  function standinQuestion(file: File): string {
    let answer = '';
    void file;
    // oxlint-disable-next-line no-debugger -- this is how the question is asked
    debugger;
    answer ||= '';
    return answer;
  }

  // Ports
  const ports = new Map<unknown, MessagePort>();
  let portCount = 0;
  const bind = (id: string, port: MessagePort): void => {
    ports.set(id, port);
    port.onmessage = ({ data, ports: given }: MessageEvent<unknown>) =>
      send({ t: 'port', id, data, ports: give(given) });
  };
  const give = (given: readonly MessagePort[]): string[] =>
    given.map((port) => {
      const id = `p${info.nonce}_${++portCount}`;
      bind(id, port);
      return id;
    });
  const open = (ids: readonly string[]): MessagePort[] =>
    ids.map((id) => {
      const { port1, port2 } = new MessageChannel();
      bind(id, port1);
      return port2;
    });

  // ipcRenderer
  const listeners = new Map<string, Listener[]>();
  const invoked = new Map<unknown, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let invocations = 0;
  const ipcRenderer = {
    on(channel: string, listener: Listener) {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      return ipcRenderer;
    },
    off(channel: string, listener: Listener) {
      listeners.set(
        channel,
        (listeners.get(channel) ?? []).filter((each) => each !== listener),
      );
      return ipcRenderer;
    },
    send: (channel: string, ...args: unknown[]) => send({ t: 'send', channel, args }),
    postMessage: (channel: string, data: unknown, transfer: MessagePort[] = []) =>
      send({ t: 'send', channel, args: [data], ports: give(transfer) }),
    invoke: (channel: string, ...args: unknown[]) =>
      new Promise((resolve, reject) => {
        const id = ++invocations;
        invoked.set(id, { resolve, reject });
        send({ t: 'invoke', id, channel, args });
      }),
  };

  // contextBridge
  const functions = new Map<number, (...args: unknown[]) => unknown>();
  const functionIds = new WeakMap<object, number>();
  const proxies = new Map<number, (...args: unknown[]) => void>();
  let functionCount = 0;
  let promiseCount = 0;
  const emit = (detail: object): void => void dispatchEvent(new CustomEvent(`${key}<`, { detail }));
  const isPlain = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' &&
    value !== null &&
    (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype);
  const each = (value: Record<string, unknown>, change: (item: unknown) => unknown): unknown =>
    Array.isArray(value)
      ? value.map(change)
      : Object.fromEntries(Object.entries(value).map(([name, item]) => [name, change(item)]));
  const outgoing = (value: unknown): unknown => {
    if (typeof value === 'function') {
      let id = functionIds.get(value);
      if (id === undefined) {
        id = ++functionCount;
        functionIds.set(value, id);
        functions.set(id, value as (...args: unknown[]) => unknown);
      }
      return { [key]: 'function', id };
    }
    if (value instanceof Promise) {
      const id = ++promiseCount;
      value.then(
        (result) => emit({ op: 'settle', id, ok: outgoing(result) }),
        (error: unknown) => emit({ op: 'settle', id, err: errorOf(error) }),
      );
      return { [key]: 'promise', id };
    }
    if (value instanceof Error) return errorOf(value);
    if (typeof value === 'symbol') throw new TypeError('a symbol cannot cross the context bridge');
    return isPlain(value) ? each(value, outgoing) : value;
  };
  const incoming = (value: unknown): unknown => {
    if (!isPlain(value)) return value;
    if (value[key] !== 'function') return each(value, incoming);
    const id = Number(value['id']);
    const proxy = proxies.get(id) ?? ((...args: unknown[]) => emit({ op: 'callback', id, args: args.map(outgoing) }));
    proxies.set(id, proxy);
    return proxy;
  };
  addEventListener(
    `${key}>`,
    (received) => {
      received.stopImmediatePropagation();
      const { id = 0, args = [] } = (received as CustomEvent<Letter>).detail;
      try {
        emit({ op: 'reply', ok: outgoing(functions.get(id)?.(...args.map(incoming))) });
      } catch (error) {
        emit({ op: 'reply', err: errorOf(error) });
      }
    },
    true,
  );

  // From the main process
  globals['__standinReceive'] = (text: string): void => {
    const message = codec.decode(text) as Incoming;
    switch (message.t) {
      case 'reply': {
        const promise = invoked.get(message.id);
        invoked.delete(message.id);
        if (message.err === undefined) promise?.resolve(message.ok);
        else promise?.reject(new Error(`Error invoking remote method '${message.channel}': ${message.err}`));
        return;
      }
      case 'send':
        for (const listener of listeners.get(message.channel) ?? []) {
          listener({ sender: ipcRenderer, senderId: 0, ports: open(message.ports ?? []) }, ...message.args);
        }
        return;
      case 'port':
        ports.get(message.id)?.postMessage(message.data, open(message.ports ?? []));
        return;
      case 'portclose':
        ports.get(message.id)?.close();
        ports.delete(message.id);
    }
  };

  const electron = {
    ipcRenderer,
    contextBridge: {
      exposeInMainWorld: (name: string, value: unknown) => emit({ op: 'expose', name, value: outgoing(value) }),
    },
    webUtils: {
      getPathForFile(file: unknown) {
        if (!(file instanceof File)) throw new TypeError('getPathForFile: this is no File');
        return standinQuestion(file);
      },
    },
  };
  const require = (name: string): unknown => {
    if (/^electron(\/renderer|\/common)?$/.test(name)) return electron;
    throw new Error(`module not found: ${name} (a sandboxed preload has none but electron)`);
  };
  const { platform, arch, versions, argv } = info;
  const process = { platform, arch, versions, argv, env: {}, type: 'renderer', sandboxed: true, contextIsolated: true };
  const module = { exports: {} };
  try {
    preload.call(module.exports, require, module, module.exports, process, window);
  } catch (error) {
    send({ t: 'preload-error', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
