import { randomBytes } from 'node:crypto';
import { mkdir, realpath, stat } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { resolve, sep } from 'node:path';
import { type CallName, type CallParams, type CallResult, calls } from '../../shared/contract/calls.ts';
import { config as configSchema } from '../../shared/contract/config.ts';
import { parseSitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { unwrap } from '../../shared/errors/result.ts';
import { listHistory } from './history.ts';
import { splitAddress } from './link/connect.ts';
import { joinMaster } from './link/pairing.ts';
import { decodePairingCode, encodePairingCode } from './link/pairing-code.ts';
import { formatAddress, type Master } from './master/master.ts';
import type { Mirror } from './mirror/mirror.ts';
import { HELD_ID } from './mirror/mirror-site.ts';
import { type Node, VERSION } from './node.ts';
import { removeSite } from './store/sites.ts';
import { listWaiting, readStatus, type StatusSources } from './status.ts';

/** What calls work on. `applied` brings what runs in step with the config and the peers after a call has changed them. */
export interface CallContext {
  readonly node: Node;
  readonly master: Master | undefined;
  readonly mirror: Mirror | undefined;
  readonly sources: () => StatusSources;
  readonly applied: () => Promise<void>;
}

type Handlers = {
  readonly [N in CallName]: (params: (typeof calls)[N]['params']['_output']) => CallResult<N> | Promise<CallResult<N>>;
};

export interface Caller {
  /** Rejects `call.unknown`, `call.invalid`, and what the call itself rejects. */
  call<N extends CallName>(name: N, params: CallParams<N>): Promise<CallResult<N>>;
}

/** The calls of shared/contract/calls.ts: the same on a running engine and at rest. */
export function createCaller(context: CallContext): Caller {
  const handlers = createHandlers(context);
  return {
    async call(name, params) {
      if (!Object.hasOwn(calls, name)) throw new AppError('call.unknown', { name: String(name).slice(0, 64) });
      const parsed = calls[name].params.safeParse(params);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw new AppError('call.invalid', { name, key: issue?.path.join('.') ?? '', reason: issue?.message ?? '' });
      }
      // The table ties each name to its handler; the compiler cannot follow that through the index.
      return (await handlers[name](parsed.data as never)) as never;
    },
  };
}

function createHandlers({ node, master, mirror, sources, applied }: CallContext): Handlers {
  const publishing = (): Master => {
    node.require('master');
    if (!master) throw new TypeError('a master without its sites');
    return master;
  };
  return {
    'node.status': () => readStatus(sources()),

    'site.add': async ({ name, root, watch }) => {
      const sites = publishing();
      const folder = await realFolder(root);
      if (node.config.sites.some((site) => site.name === name)) throw new AppError('site.exists', { site: name });
      refuseClash(folder, [...node.config.sites.map((site) => site.root), node.dataDir]);
      await node.edit((config) =>
        configSchema.parse({ ...config, sites: [...config.sites, { name, root: folder, watch }] }),
      );
      await applied();
      await sites.rescan(name);
      return { name, root: folder };
    },

    'site.remove': async ({ name }) => {
      publishing();
      if (!node.config.sites.some((site) => site.name === name)) throw new AppError('site.unknown', { site: name });
      await node.edit((config) => ({ ...config, sites: config.sites.filter((site) => site.name !== name) }));
      await applied();
      node.accounts.removeSite(name);
      removeSite(node.store, name);
      return { name };
    },

    'site.rescan': async ({ name, allowDeletes }) => {
      const { found, changed } = await (mirror
        ? mirror.site(name).rescan()
        : publishing().rescan(name, { allowDeletes }));
      return { found, changed };
    },

    'account.add': async ({ user, site, folder, password }) => {
      publishing().site(site);
      const path = unwrap(parseSitePath(folder));
      await node.accounts.add({ user, site, folder: path, kind: 'publisher', peer: null }, password);
      return { user };
    },
    'account.list': () => node.accounts.list().map(({ user, site, folder, kind }) => ({ user, site, folder, kind })),
    'account.remove': async ({ user }) => {
      await publishing().removeAccount(user);
      return { user };
    },

    'pairing.invite': ({ site, expiresSeconds, address }) => {
      const sites = publishing().sites();
      const { link } = node.config;
      if (!link && !address) throw new AppError('config.invalid', { key: 'link', reason: 'is not set' });
      const chosen = site === undefined && sites.length === 1 ? sites[0] : sites.find(({ name }) => name === site);
      if (!chosen) throw new AppError('site.unknown', { site: site ?? '' });
      const secret = randomBytes(16).toString('base64url');
      const expiresAt = node.now() + expiresSeconds * 1000;
      node.peers.trimInvites(node.now() - 7 * 86_400_000);
      node.peers.invite(secret, chosen.name, expiresAt);
      const port = sources().listeners.link?.port ?? link?.port ?? 0;
      if (!address && port === 0) throw new AppError('node.not-running');
      const addresses = address ? [formatAddress(address.host, address.port)] : reachable(link?.host ?? '', port);
      const code = encodePairingCode({
        addresses,
        fingerprint: node.identity.id,
        secret,
        expiresAt,
        site: chosen.name,
      });
      return { code, site: chosen.name, expiresAt };
    },

    'pairing.join': async ({ code, root, dial }) => {
      node.require('mirror');
      const invitation = decodePairingCode(code, node.now());
      if (node.config.follows.some(({ site }) => site === invitation.site))
        throw new AppError('site.exists', { site: invitation.site });
      const folder = resolve(root);
      await mkdir(folder, { recursive: true }).catch((error: unknown) => {
        throw new AppError('site.root-missing', { root: folder }, error);
      });
      const real = await realFolder(folder);
      refuseClash(real, [...node.config.follows.map((follow) => follow.root), node.dataDir]);
      const listens = sources().listeners.link ?? node.config.link;
      if (dial === 'master' && !listens) throw new AppError('config.invalid', { key: 'link', reason: 'is not set' });
      const link = dial !== 'mirror' && listens && listens.port > 0 ? dialable(listens) : undefined;
      const joined = await joinMaster({
        code: invitation,
        identity: node.identity,
        node: { name: node.config.node.name, role: 'mirror', version: VERSION },
        ...(link ? { link } : {}),
      });
      const { reply, masterCertificate, address } = joined;
      node.peers.save(
        {
          id: reply.node.id,
          name: reply.node.name,
          role: 'master',
          certificate: masterCertificate,
          address,
          dial: reply.dial === 'mirror' ? 'us' : 'them',
        },
        node.now(),
      );
      const { host = splitAddress(address).host, port, user, password } = reply.ftp;
      node.peers.saveFtpLogin(reply.node.id, reply.site.name, { host, port, user, password });
      // What a follow of that name has left, if one was taken out of the config: this one begins anew.
      removeSite(node.store, reply.site.name);
      await node.edit((config) =>
        configSchema.parse({
          ...config,
          follows: [...config.follows, { site: reply.site.name, master: reply.node.id, root: real }],
        }),
      );
      await applied();
      return {
        site: reply.site.name,
        master: { id: reply.node.id, name: reply.node.name },
        root: real,
        dial: reply.dial,
      };
    },

    'peer.list': () =>
      node.peers.list().map(({ id, name, role, address, dial }) => ({
        id,
        name,
        role,
        address,
        dial: (dial === 'us') === (node.config.node.role === 'master') ? 'master' : 'mirror',
        sites: [
          ...node.config.follows.flatMap((follow) => (follow.master === id ? [follow.site] : [])),
          ...(master?.sites() ?? []).flatMap((site) => (site.deliveries.subscription(id) ? [site.name] : [])),
        ],
      })),
    'peer.remove': async ({ peer: nameOrId }) => {
      const peer = node.peers.find(nameOrId);
      const followed = node.config.follows.filter((follow) => follow.master === peer.id);
      await node.edit((config) => ({
        ...config,
        follows: config.follows.filter((follow) => follow.master !== peer.id),
      }));
      if (master) await master.forget(peer);
      else node.peers.remove(peer.id);
      await applied();
      for (const { site } of followed) removeSite(node.store, site);
      return { name: peer.name };
    },

    'history.list': (query) => listHistory(node, query),
    'waiting.list': () => listWaiting(sources()),
    'waiting.resolve': async ({ id, how }) => {
      const published = master?.sites().find(({ name, watch }) => watch?.trouble && id.startsWith(`${name}:`));
      if (master && published && how === 'publish') {
        if (id === `${published.name}:${HELD_ID}`) await master.rescan(published.name, { allowDeletes: true });
        else published.watch?.retry();
        return { id };
      }
      // A person says that the folder of a followed site is gone for good.
      const lost = listWaiting(sources()).find((item) => item.id === id && item.error.code === 'site.root-missing');
      const follow = lost && node.config.follows.find(({ site }) => site === lost.site);
      if (mirror && follow && how === 'publish') {
        await mirror.restore(follow);
        await applied();
        return { id };
      }
      const site = mirror?.sites().find(({ follow }) => id.startsWith(`${follow.site}:`));
      if (!site?.resolve(id.slice(site.follow.site.length + 1), how)) throw new AppError('waiting.unknown', { id });
      return { id };
    },
    'step.seq': () => ({ sites: readStatus(sources()).sites.map(({ name, headSeq }) => ({ name, headSeq })) }),
  };
}

async function realFolder(folder: string): Promise<string> {
  const real = await realpath(resolve(folder)).catch((error: unknown) => {
    throw new AppError('site.root-missing', { root: folder }, error);
  });
  if (!(await stat(real)).isDirectory()) throw new AppError('file.not-directory', { path: folder });
  return real;
}

/** No site within another, and none that holds the data folder (or the other way round): keys would be published. */
function refuseClash(folder: string, others: readonly string[]): void {
  const within = (a: string, b: string): boolean => a === b || a.startsWith(b.endsWith(sep) ? b : b + sep);
  const clash = others.find((other) => within(folder, resolve(other)) || within(resolve(other), folder));
  if (clash !== undefined) throw new AppError('site.root-clash', { root: folder, other: clash });
}

/** Addresses at which a mirror may find a listener that is bound to `host`. */
function reachable(host: string, port: number): string[] {
  if (!isWildcard(host)) return [formatAddress(host, port)];
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outside = addresses.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  const hosts = [...outside.map(({ address }) => address), hostname(), '127.0.0.1'];
  return hosts.map((candidate) => formatAddress(candidate, port));
}

/** What a mirror tells the master of its own listener: bound to all addresses, the one that the master sees is right. */
function dialable({ host, port }: { host: string; port: number }): { host?: string; port: number } {
  return isWildcard(host) ? { port } : { host, port };
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
