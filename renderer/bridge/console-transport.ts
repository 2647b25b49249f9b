import type { BridgeEvent } from '../../shared/contract/bridge.ts';
import { parseJson } from '../../shared/contract/parse-json.ts';
import type { ErrorCode } from '../../shared/errors/codes.ts';
import type { Transport } from './transport.ts';

const TOKEN_KEY = 'lockstep.token';
const EVENTS_PROTOCOL = 'lockstep.events';
const TOKEN_PROTOCOL_PREFIX = 'lockstep.token.';
const FIRST_DELAY = 500;
const LONGEST_DELAY = 15_000;
const UNAUTHORIZED = 401;

/** The engine of `lockstep run` over HTTPS and a WebSocket, both of this page's own origin. */
export function connectToConsole(): Transport {
  const token = takeToken();
  const listeners = new Set<(event: unknown) => void>();
  const known = new Map<string, unknown>();
  let attempts = 0;

  const tell = (event: BridgeEvent | { type: 'event' }): void => {
    known.set(kindOf(event), event);
    for (const listener of listeners) listener(event);
  };
  const lose = (event: BridgeEvent): void => {
    known.clear();
    tell(event);
  };

  const call = async (name: string, params: unknown): Promise<unknown> => {
    try {
      const response = await fetch('/api/call', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ name, params }),
      });
      if (response.status === UNAUTHORIZED) lose({ type: 'denied' });
      return await response.json();
    } catch {
      return { ok: false, error: { code: 'node.not-running' satisfies ErrorCode, params: {} } };
    }
  };

  const send = async (address: string, request: RequestInit): Promise<unknown> => {
    try {
      const response = await fetch(`/api/sent/${address}`, {
        ...request,
        headers: { 'content-type': 'application/octet-stream', authorization: `Bearer ${token}` },
      });
      if (response.status === UNAUTHORIZED) lose({ type: 'denied' });
      return await response.json();
    } catch {
      request.signal?.throwIfAborted();
      return { ok: false, error: { code: 'node.not-running' satisfies ErrorCode, params: {} } };
    }
  };

  const connect = (): void => {
    const address = `wss://${location.host}/api/events`;
    const socket = new WebSocket(address, [EVENTS_PROTOCOL, `${TOKEN_PROTOCOL_PREFIX}${token}`]);
    socket.onopen = () => {
      attempts = 0;
      known.clear();
      tell({ type: 'host', host: { state: 'running' } });
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      const event = typeof data === 'string' ? parseJson(data) : undefined;
      if (event !== undefined) tell({ type: 'event', event } as { type: 'event' });
    };
    socket.onclose = () => void reconnect();
  };

  const reconnect = async (): Promise<void> => {
    const delay = Math.min(FIRST_DELAY * 2 ** attempts++, LONGEST_DELAY);
    lose({ type: 'lost', retryAt: Date.now() + delay });
    // A browser does not say why a WebSocket was refused; a call does.
    await call('node.status', {});
    if (!known.has('denied')) setTimeout(connect, delay);
  };

  if (token === '') lose({ type: 'denied' });
  else connect();

  return {
    kind: 'console',
    call,
    subscribe(listener) {
      listeners.add(listener);
      for (const event of known.values()) listener(event);
      return () => void listeners.delete(listener);
    },
    pathForFile: () => '',
    sent: {
      put: (id, path, part, body, signal) => {
        const address = path.split('/').map(encodeURIComponent).join('/');
        const query = new URLSearchParams(Object.entries(part).map(([name, value]) => [name, String(value)]));
        return send(`${id}/${address}?${query}`, { method: 'PUT', signal, ...(body && { body }) });
      },
      discard: (id) => send(id, { method: 'DELETE' }),
    },
  };
}

/** An event of the engine by what it tells: for a listener that comes later the last of each kind is kept. */
function kindOf(event: { type: string; event?: unknown }): string {
  const inner = event.event;
  return typeof inner === 'object' && inner !== null && 'type' in inner ? `event.${String(inner.type)}` : event.type;
}

/** The token comes in the fragment, which is sent nowhere, and leaves the address bar at once. */
function takeToken(): string {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given !== null) {
    sessionStorage.setItem(TOKEN_KEY, given);
    history.replaceState(null, '', location.pathname);
  }
  const token = given ?? sessionStorage.getItem(TOKEN_KEY) ?? '';
  return /^[\w-]+$/.test(token) ? token : '';
}
