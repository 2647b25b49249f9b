import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { HookQueue } from '../../electron/engine/hooks/hook-queue.ts';
import { Hooks } from '../../electron/engine/hooks/hooks.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { HookEvents, type NewEvent } from '../../electron/engine/store/hook-events.ts';
import { openStore, type Store } from '../../electron/engine/store/open.ts';
import { type TransferRow, Transfers } from '../../electron/engine/store/transfers.ts';
import { type Hook, hook } from '../../shared/contract/hooks.ts';
import type { Change } from '../../shared/domain/change.ts';

const logger = pino({ level: 'silent' });
export const node = { id: 'a'.repeat(64), name: 'tokyo' };

type Own = Partial<Hook> & Pick<Hook, 'on'>;

/** A queue by itself; `tell` notes an event for it, and hands it over. */
export async function queueOf(dataDir: string, own: Own, delays: readonly number[]) {
  const { events } = await eventsIn(dataDir);
  const queue = new HookQueue({
    hook: hook.parse(own),
    events,
    dataDir,
    clock: systemClock,
    logger,
    isAway: () => false,
    onChange: () => undefined,
    delays,
  });
  onTestFinished(() => queue.stop());
  const tell = (ids: string | readonly string[], padding = ''): void => {
    const told = [ids].flat().map((id): NewEvent => {
      const event = { id, at: 1, node, site: 'www', event: 'published', changes: [], total: 0, padding } as const;
      return { event, hooks: [queue.key], about: { of: 'transfers', ids: [] } };
    });
    const bytes = events.add(told);
    told.forEach(({ event: { id, site } }, index) => queue.add({ id, site, bytes: bytes[index] ?? 0 }));
  };
  return { queue, events, tell };
}

/** The hooks of an install whose sites are open. `store`: another one than that of `dataDir`. */
export async function startHooks(dataDir: string, own: readonly Own[], opened?: Store) {
  const { events, store } = opened ? { events: new HookEvents(opened), store: opened } : await eventsIn(dataDir);
  const hooks = new Hooks({
    node,
    events,
    dataDir,
    clock: systemClock,
    logger,
    nameOf: (peer) => peer,
    onChange: () => undefined,
    retryMillis: 50,
  });
  await hooks.apply(own.map((each) => hook.parse(each)));
  hooks.sitesAway([]);
  onTestFinished(() => hooks.stop());
  return { hooks, events, store };
}

async function eventsIn(dataDir: string) {
  const store = await openStore(join(dataDir, 'lockstep.db'), () => Date.now());
  // After those that write into it have stopped.
  onTestFinished(() => store.close());
  return { events: new HookEvents(store), store };
}

/** A followed site, in which files become visible by being told so. */
export class PublishingSite {
  readonly name: string;
  readonly transfers: Transfers;
  #seq = 0;

  constructor(store: Store, name: string) {
    this.name = name;
    store.run('INSERT INTO site (name) VALUES (?) ON CONFLICT DO NOTHING', name);
    this.transfers = new Transfers(store, Number(store.get('SELECT id FROM site WHERE name = ?', name)?.['id']));
  }

  /** `at`: by its clock. */
  publish(path: string, at = 1): TransferRow[] {
    this.#seq += 1;
    const change = { op: 'put', path, seq: this.#seq, at, size: 1, mtime: at, sha256: '0'.repeat(64) } as Change;
    const id = this.transfers.add(change, 'fetch', 'queued', at);
    this.transfers.update(id, { state: 'published', publishedAt: at });
    return this.transfers.of([id]);
  }
}

/** A server that hears hooks. */
export async function hookServer(answer: () => number, location?: string) {
  const heard: { headers: IncomingHttpHeaders; body: string }[] = [];
  const listening = createServer((request, response) => {
    void text(request).then((body) => {
      heard.push({ headers: request.headers, body });
      response.writeHead(answer(), location === undefined ? {} : { location }).end();
    });
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  onTestFinished(async () => {
    listening.closeAllConnections();
    listening.close();
    await once(listening, 'close');
  });
  const { port } = listening.address() as AddressInfo;
  const told = (): HeardEvent[] => heard.map(({ body }) => JSON.parse(body) as HeardEvent);
  return { url: `http://127.0.0.1:${port}/hook`, heard, told };
}

interface HeardEvent {
  readonly id: string;
  readonly site: string;
  readonly changes: readonly { readonly path: string; readonly seq: number }[];
  readonly total: number;
}
