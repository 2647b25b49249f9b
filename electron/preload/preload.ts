import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { channels, type PreloadApi, preloadApiName } from '../../shared/contract/preload-api.ts';

/**
 * The way from the page to the engine: it passes messages on and keeps nothing but what is needed to match answers to
 * questions. The page parses what it hears; the engine parses what it is asked.
 */
const GONE = { ok: false, error: { code: 'node.not-running', params: {} } } as const;

type Listener = (event: unknown) => void;
type Incoming = { type?: unknown; id?: unknown; result?: unknown; event?: { type?: unknown } } | null;

let port: MessagePort | undefined;
let nextId = 0;
const open = new Map<unknown, (result: unknown) => void>();
const listeners = new Set<Listener>();
/** The last of each type, and of each type of event, for a listener that comes later. */
const known = new Map<unknown, unknown>();

const api: PreloadApi = {
  call(name, params) {
    if (name.startsWith('shell.')) return ipcRenderer.invoke(channels.shell, { name, params });
    if (port === undefined) return Promise.resolve(GONE);
    const id = nextId++;
    port.postMessage({ id, name, params });
    return new Promise((resolve) => open.set(id, resolve));
  },
  subscribe(listener) {
    // Each subscription is its own, even of the same function.
    const own: Listener = (event) => listener(event);
    listeners.add(own);
    for (const event of known.values()) own(event);
    return () => void listeners.delete(own);
  },
  pathForFile(file) {
    try {
      // Throws for what is no File.
      return webUtils.getPathForFile(file as File);
    } catch {
      return '';
    }
  },
};

ipcRenderer.on(channels.port, (event) => {
  drop();
  known.clear();
  port = event.ports[0];
  if (port === undefined) return;
  port.onmessage = (message: MessageEvent<Incoming>) => receive(message.data);
});

ipcRenderer.on(channels.lost, (_event, retryAt: unknown) => {
  drop();
  known.clear();
  tell({ type: 'lost', ...(typeof retryAt === 'number' ? { retryAt } : {}) });
});

ipcRenderer.on(channels.go, (_event, place: unknown) => {
  // Not kept: whoever subscribes later was not there when it was asked for.
  for (const listener of listeners) listener({ type: 'go', place });
});

contextBridge.exposeInMainWorld(preloadApiName, Object.freeze(api));
// Not at once: main looks at the address of who sends this, which it knows for sure when the document is there.
addEventListener('DOMContentLoaded', () => ipcRenderer.send(channels.hello), { once: true });

function receive(message: Incoming): void {
  if (message?.type !== 'response') return tell(message);
  open.get(message.id)?.(message.result);
  open.delete(message.id);
}

function tell(event: Incoming): void {
  known.set(event?.type === 'event' ? `event.${String(event.event?.type)}` : event?.type, event);
  for (const listener of listeners) listener(event);
}

/** The engine at the other end is gone: nobody will answer what was asked. */
function drop(): void {
  port?.close();
  port = undefined;
  for (const resolve of open.values()) resolve(GONE);
  open.clear();
}
