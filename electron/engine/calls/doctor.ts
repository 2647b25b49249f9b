import type { Finding } from '../../../shared/contract/doctor.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import {
  type Examined,
  examine,
  examinePassivePorts,
  examinePeer,
  examinePeerClock,
  examineVersion,
} from '../doctor/doctor.ts';
import { found, problem } from '../doctor/finding.ts';
import { listHistory } from '../history/history.ts';
import { probe } from '../link/probe.ts';
import { probeFtp } from '../mirror/retriever/ftp-probe.ts';
import { readStatus } from '../status/status.ts';
import { failedFlushes } from '../store/sites.ts';
import { isThisBoot } from '../tree/boot.ts';
import { showPath } from '../tree/show-path.ts';
import type { CallContext } from './context.ts';
import { listPeers } from './peers.ts';

/** What can be found out about this install, or about its link to one peer. Rejects `peer.unknown`. */
export async function runChecks(context: CallContext, nameOrId: string | undefined): Promise<Finding[]> {
  const { node, sources } = context;
  const [latestChange] = listHistory(node, { limit: 1 });
  const examined: Examined = {
    dataDir: node.dataDir,
    config: node.config,
    state: {
      status: readStatus(sources()),
      peers: listPeers(context),
      unflushed: failedFlushes(node.store).flatMap(({ site, boot }) => (isThisBoot(boot) ? [site] : [])),
      links: (context.master?.sites() ?? []).flatMap(({ name: site, files: { unfit } }) => {
        const [first] = unfit.links;
        return first ? [{ site, path: showPath(first.path), count: unfit.links.length }] : [];
      }),
      ...(latestChange && { latestChange }),
    },
    now: node.now(),
    probe: async (address, fingerprint) => void (await probe(address, fingerprint)),
  };
  return nameOrId === undefined ? examine(examined) : diagnose(context, examined, nameOrId);
}

/** One link: is the peer reached, by the agreed certificate? Its clock, its version; and do files come through? */
async function diagnose(context: CallContext, examined: Examined, nameOrId: string): Promise<Finding[]> {
  const { node } = context;
  const { id, name } = node.peers.find(nameOrId);
  const { status, peers } = examined.state ?? { status: undefined, peers: [] };
  const listed = peers.find((peer) => peer.id === id);
  const states = status?.sites.flatMap((site) => site.peers.filter((peer) => peer.id === id)) ?? [];
  const [state] = states;
  const isPaused = states.some(({ paused }) => paused);
  return [
    ...(listed ? await examinePeer(listed, examined) : []),
    ...(isPaused ? [found('peer', 'warning', 'peer-paused', { peer: name })] : []),
    ...(state ? [examinePeerClock(state)] : []),
    examineVersion(name, state?.version),
    ...(node.config.node.role === 'master' ? atMaster(context, id, name) : await atMirror(context, id)),
  ];
}

/** The mirror fetches from there: what it says of it, and what the config says of the ports that it needs. */
function atMaster({ node, master }: CallContext, id: string, peer: string): Finding[] {
  const troubles = (master?.sites() ?? []).flatMap(({ name }) => {
    const items = master?.notifier.waiting(name).get(id)?.items ?? [];
    return items.filter(({ kind, path }) => kind === 'failing' && path === undefined);
  });
  const told = troubles.map(({ error }) => problem('ftp', AppError.fromJSON(error)));
  return [
    ...(told.length > 0 ? told : [found('ftp', 'ok', 'mirror-fetches', { peer })]),
    ...examinePassivePorts(node.config),
  ];
}

/** As a fetch does it: log in, and open a data connection. */
async function atMirror({ node }: CallContext, master: string): Promise<Finding[]> {
  const { peers, config } = node;
  const certificate = peers.get(master)?.certificate ?? null;
  const follows = config.follows.filter((follow) => follow.master === master);
  return Promise.all(
    follows.map(async ({ site, transport }) => {
      const login = peers.ftpLogin(master, site);
      if (!login) return { ...found('ftp', 'warning', 'ftp-untried'), subject: site };
      const address = `${login.host}:${login.port}`;
      try {
        await probeFtp({ ...login, certificate: transport === 'plain' ? null : certificate });
        return { ...found('ftp', 'ok', 'ftp-hands-out', { address }), subject: site };
      } catch (error) {
        if (error instanceof AppError) return { ...problem('ftp', error), subject: site };
        throw error;
      }
    }),
  );
}
