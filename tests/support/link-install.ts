import { once } from 'node:events';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { pino } from 'pino';
import { onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Identity, loadOrCreateIdentity } from '../../electron/engine/link/identity.ts';
import { createLinkHub, type LinkHub, type LinkHubOptions } from '../../electron/engine/link/link-hub.ts';
import type { Peer } from '../../electron/engine/core/peer.ts';
import type { LinkSession } from '../../electron/engine/link/link-session.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { LINK_PROTOCOL, type LinkMessage, type LinkMessageOf } from '../../shared/contract/link.ts';
import type { ErrorCode } from '../../shared/errors/codes.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { PATIENCE_MILLIS } from './until.ts';

export const silent = pino({ level: 'silent' });

/** An install as far as its links go. What its handlers saw is recorded. */
export interface LinkInstall {
  readonly name: string;
  readonly identity: Identity;
  readonly peers: Map<string, Peer>;
  readonly hub: LinkHub;
  readonly opened: LinkSession[];
  readonly received: LinkMessage[];
  readonly closed: ErrorCode[];
}

export async function makeIdentity(): Promise<Identity> {
  return loadOrCreateIdentity(join(await temporaryFolder(), 'identity'));
}

export async function makeInstall(
  name: string,
  options: Partial<LinkHubOptions> & {
    onOpen?: (session: LinkSession) => void;
    onMessage?: (m: LinkMessage) => void;
  } = {},
): Promise<LinkInstall> {
  const { onOpen, onMessage, ...hubOptions } = options;
  const identity = options.identity ?? (await makeIdentity());
  const peers = new Map<string, Peer>();
  const opened: LinkSession[] = [];
  const received: LinkMessage[] = [];
  const closed: ErrorCode[] = [];
  const hub = createLinkHub({
    identity,
    peers: { get: (id) => peers.get(id), list: () => [...peers.values()] },
    clock: systemClock,
    logger: silent,
    listen: { host: '127.0.0.1', port: 0 },
    backOff: { first: 5, longest: 50 },
    handlers: {
      onOpen: (session) => {
        opened.push(session);
        onOpen?.(session);
        return {
          onMessage: (message) => {
            received.push(message);
            onMessage?.(message);
          },
          onClose: (error) => closed.push(error.code),
        };
      },
    },
    ...hubOptions,
  });
  onTestFinished(() => hub.stop());
  return { name, identity, peers, hub, opened, received, closed };
}

/** Makes `of` known to `to`, which dials it where an address is given. */
export function introduce(to: LinkInstall, of: LinkInstall, address: string | null = null): void {
  to.peers.set(of.identity.id, {
    id: of.identity.id,
    name: of.name,
    role: 'mirror',
    certificate: of.identity.cert,
    address,
    dial: address === null ? 'them' : 'us',
  });
}

export function endpoint(install: LinkInstall): string {
  return `127.0.0.1:${install.hub.address?.port}`;
}

export const eventually = (check: () => void): Promise<void> =>
  vi.waitFor(check, { timeout: PATIENCE_MILLIS, interval: 5 });

export const hello = (now = 0): LinkMessageOf<'hello'> => ({
  type: 'hello',
  protocol: LINK_PROTOCOL,
  node: { name: 'tokyo', role: 'mirror', version: '0.1.0' },
  now,
  sites: [],
});

export const receivedMessage = (seq: number): LinkMessage => ({
  type: 'received',
  site: 'www',
  journal: '0'.repeat(32),
  seq,
});

/** A peer that holds to no rule: a bare WebSocket with this identity. */
export async function rawLink(address: string, identity: Identity): Promise<WebSocket> {
  const socket = new WebSocket(`wss://${address}/link`, {
    key: identity.key,
    cert: identity.cert,
    rejectUnauthorized: false,
    agent: false,
  });
  onTestFinished(() => socket.terminate());
  socket.on('error', () => undefined);
  await once(socket, 'open');
  return socket;
}

export async function rawTls(address: string, identity?: Identity, session?: Buffer): Promise<TLSSocket> {
  const [host = '', port] = address.split(':');
  const socket = connect({
    host,
    port: Number(port),
    rejectUnauthorized: false,
    ...(identity && { key: identity.key, cert: identity.cert }),
    ...(session && { session }),
  });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

/** Started, and the address at which it listens. */
export async function listening(install: LinkInstall): Promise<string> {
  await install.hub.start();
  return endpoint(install);
}
