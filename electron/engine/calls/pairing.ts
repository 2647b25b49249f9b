import { randomBytes } from 'node:crypto';
import { hostname, networkInterfaces } from 'node:os';
import type { CallResult, calls } from '../../../shared/contract/calls.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { VERSION } from '../../../shared/version.ts';
import { splitAddress } from '../link/connect.ts';
import { formatAddress } from '../link/format-address.ts';
import { checkCode, requireTaken } from '../link/check-code.ts';
import { type Joined, joinMaster } from '../link/pairing.ts';
import { ADDRESSES_MAX, decodePairingCode, encodePairingCode, type PairingCode } from '../link/pairing-code.ts';
import type { Node } from '../install/node.ts';
import { removeSite } from '../store/sites.ts';
import { type Claim, claimFolder } from '../claim/claim-folder.ts';
import { fileError, rootError, systemCode } from '../tree/file-error.ts';
import { makeFolder } from '../tree/make-folder.ts';
import { wholePath } from '../tree/whole-path.ts';
import { refuseClash } from '../claim/root-clash.ts';
import { type CallContext, type HandlersOf, publishedSite } from './context.ts';
import { realFolder } from './real-folder.ts';

export function pairingHandlers(context: CallContext): HandlersOf<'pairing'> {
  const { node, sources } = context;
  /** Sites that are being joined: the second pairing would take the first one's login from it, and be refused here. */
  const joining = new Set<string>();
  const refuseFollowed = ({ site, fingerprint }: PairingCode): void => {
    const followed = node.config.follows.find((each) => each.site === site);
    if (followed && followed.master !== fingerprint) {
      const name = node.peers.get(followed.master)?.name;
      throw new AppError('pair.name-followed', { site, ...(name !== undefined && { peer: name }) });
    }
    if (followed || joining.has(site)) throw new AppError('pair.followed', { site });
  };
  return {
    'pairing.invite': ({ site, expiresSeconds, address }) => {
      const chosen = publishedSite(context, site);
      const { link } = node.config;
      if (!link && !address) throw new AppError('config.invalid', { key: 'link', issue: 'unset' });
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
      return { code, site: chosen.name, expiresAt, addresses: addresses.slice(0, ADDRESSES_MAX) };
    },

    'pairing.addresses': () => {
      const { link } = node.config;
      const port = sources().listeners.link?.port ?? link?.port ?? 0;
      return { addresses: link && port > 0 ? reachable(link.host, port).slice(0, ADDRESSES_MAX) : [] };
    },

    'pairing.check': ({ code }) => {
      refuseFollowed(decodePairingCode(code));
      return checkCode(code, node.now());
    },

    'pairing.join': async ({ code, root, dial, takeOver }) => {
      node.require('mirror');
      const invitation = decodePairingCode(code);
      refuseFollowed(invitation);
      joining.add(invitation.site);
      try {
        return await join(context, invitation, { root, dial, takeOver });
      } finally {
        joining.delete(invitation.site);
      }
    },
  };
}

/** Where the site goes, and how. */
type JoinOrder = Omit<(typeof calls)['pairing.join']['params']['_output'], 'code'>;

/** Redeems an invitation, and follows the site that it is of. */
async function join(
  context: CallContext,
  invitation: PairingCode,
  { root, dial, takeOver }: JoinOrder,
): Promise<CallResult<'pairing.join'>> {
  const { node, sources, applied } = context;
  const listens = sources().listeners.link ?? node.config.link;
  if (dial === 'master' && !listens) throw new AppError('config.invalid', { key: 'link', issue: 'unset' });
  const link = dial !== 'mirror' && listens && listens.port > 0 ? dialable(listens) : undefined;
  // Whoever has the folder keeps it where nothing comes of this.
  await requireTaken(invitation, node.now());
  const { real, claim } = await takeFolder(node, invitation.site, { root, takeOver });
  const pairing = randomBytes(16).toString('base64url');
  try {
    const joined = await joinMaster({
      code: invitation,
      identity: node.identity,
      node: { name: node.config.node.name, role: 'mirror', version: VERSION },
      pairing,
      ...(link ? { link } : {}),
    });
    const { reply } = joined;
    const site = reply.site.name;
    // Whose name it is was asked before anything else: another one could be that of another master's.
    if (site !== invitation.site) throw new AppError('pair.other-site', { site: invitation.site, theirs: site });
    await follow(context, joined, pairing, real);
    await applied();
    // It may be dialled already, ever more seldom, as one that did not let this install in.
    context.dial?.(reply.node.id);
    return { site, master: { id: reply.node.id, name: reply.node.name }, root: real, dial: reply.dial };
  } catch (error) {
    if (!node.config.follows.some((each) => each.root === real)) await claim.undo();
    throw error;
  }
}

/** The folder that is to be filled is there, and is this install's: before the code is used up. Throws as `claimFolder`, and `file.*`. */
async function takeFolder(
  node: Node,
  site: string,
  { root, takeOver }: Omit<JoinOrder, 'dial'>,
): Promise<{ real: string; claim: Claim }> {
  const folder = wholePath(root);
  await makeFolder(folder).catch((error: unknown) => {
    if (systemCode(error) === 'EEXIST') throw new AppError('file.not-directory', { path: folder }, error);
    throw rootError(fileError(error, folder), folder);
  });
  const real = await realFolder(folder);
  refuseClash(real, [...node.config.follows.map((follow) => follow.root), node.dataDir]);
  return { real, claim: await claimFolder(real, site, { claimant: node.claimant, takeOver }) };
}

/** What is stored is so before the config tells of it: the site is opened by what it says. Who is refused there leaves nothing here. */
async function follow(
  { node }: CallContext,
  { reply, masterCertificate, address }: Joined,
  pairing: string,
  root: string,
): Promise<void> {
  const { peers, store } = node;
  const site = reply.site.name;
  const known = peers.get(reply.node.id) !== undefined;
  const save = (): void => {
    peers.save(
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
    peers.saveFtpLogin(reply.node.id, site, { host, port, user, password, pairing });
    peers.endFarewell(reply.node.id, { site });
    // What a follow of that name has left, if one was taken out of the config: this one begins anew.
    removeSite(store, site);
  };
  try {
    await node.edit((config) => {
      // Another master may have been joined meanwhile.
      if (config.follows.some((each) => each.site === site)) throw new AppError('pair.followed', { site });
      store.transaction(save);
      return { ...config, follows: [...config.follows, { site, master: reply.node.id, root }] };
    });
  } catch (error) {
    if (!known) peers.remove(reply.node.id);
    throw error;
  }
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
