import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { CallResult } from '../../../shared/contract/calls.ts';
import type { Config } from '../../../shared/contract/config.ts';
import type { Finding } from '../../../shared/contract/doctor.ts';
import type { PeerStatus, Status, WaitingItem } from '../../../shared/contract/status.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { errorCodes } from '../../../shared/errors/codes.ts';
import { VERSION } from '../../../shared/version.ts';
import { found, problem } from './finding.ts';
import { examineDataFolder, examineDisk, examineIdentity, examineOwnCertificate, examineRoot } from './folders.ts';
import { listenError } from '../listen/listen-error.ts';
import { multicastGroup, reachOf } from '../link/multicast/group.ts';

const CLOCK_MILLIS = 60_000;
const PASSIVE_PORTS_FEW = 32;
const WATCHES_FEW = 65_536;

/** What is known of an install. `state` is absent where its database could not be opened: `stateError` says why. */
export interface Examined {
  readonly dataDir: string;
  readonly config: Config;
  readonly state?: {
    readonly status: Status;
    readonly peers: CallResult<'peer.list'>;
    readonly latestChange?: CallResult<'history.list'>[number];
    /** Sites of which nobody knows what the disk has: a flush of their tree has failed since this machine was started. */
    readonly unflushed: readonly string[];
    /** Symbolic links in the folders of sites that are published: of each site the first, and how many there are. */
    readonly links?: ReadonlyArray<{ readonly site: string; readonly path: string; readonly count: number }>;
  };
  readonly stateError?: AppError;
  readonly now: number;
  /** Rejects with an `AppError` where the address cannot be dialled or shows another certificate. */
  readonly probe: (address: string, fingerprint: string) => Promise<void>;
}

/** Looks at everything that an install needs from its machine and its network, and says what to do where it is not right. */
export async function examine(examined: Examined): Promise<Finding[]> {
  const { config, dataDir } = examined;
  const roots = [
    ...config.sites.map(({ name, root }) => ({ name, root, use: { publishes: name } })),
    ...config.follows.map(({ site, root }) => ({ name: site, root, use: { follows: site } })),
  ];
  const looked = await Promise.all([
    examineDataFolder(dataDir),
    examineIdentity(dataDir, examined.now),
    examineOwnCertificate(config.ftp?.certificate, examined.now),
    Promise.all(listenersOf(config).map((listener) => examineListener(listener, examined.state?.status))),
    examineDisk(dataDir, { dataFolder: true }),
    Promise.all(roots.map(({ name, root, use }) => examineRoot(name, root, use))),
    Promise.all((examined.state?.peers ?? []).map((peer) => examinePeer(peer, examined))),
    examineWatch(examined),
  ]);
  const known: Finding[] = [
    found('config', 'ok', 'config-right'),
    examineDatabase(examined),
    examineClock(examined),
    ...examinePassivePorts(config),
    ...examineLinkPort(examined),
    ...examineMulticast(config),
    ...examineVersions(examined),
    ...examineNames(examined),
    ...examineUnfit(examined),
    ...examineLinks(examined),
    ...examineFlushes(examined),
  ];
  return [...known, ...looked.flat(2)];
}

/** The finding for an install whose config does not even parse. */
export function configFinding(error: AppError): Finding {
  return problem('config', error);
}

function examineDatabase({ state, stateError }: Examined): Finding {
  if (state) return found('database', 'ok', 'database-opens');
  return problem('database', stateError ?? new AppError('internal'));
}

function examineFlushes({ state }: Examined): Finding[] {
  return (state?.unflushed ?? []).map((site) => ({
    ...found('disk', 'problem', 'disk-unflushed', { site }),
    subject: site,
  }));
}

interface Listener {
  readonly kind: 'ftp' | 'link' | 'console';
  readonly host: string;
  readonly port: number;
}

function listenersOf({ ftp, link, console }: Config): Listener[] {
  return [
    ...(ftp ? [{ kind: 'ftp' as const, host: ftp.host, port: ftp.port }] : []),
    ...(link ? [{ kind: 'link' as const, ...link }] : []),
    { kind: 'console', ...console },
  ];
}

async function examineListener({ kind, host, port }: Listener, status?: Status): Promise<Finding> {
  const ours = status?.listeners[kind];
  const subject = { subject: kind };
  if (ours)
    return {
      ...found('listener', 'ok', 'listens', { [kind]: true, address: `${ours.host}:${ours.port}` }),
      ...subject,
    };
  if (status?.running) return { ...found('listener', 'problem', 'silent', { [kind]: true }), ...subject };
  const error = await tryListen(host, port);
  if (error) return { ...problem('listener', error), ...subject };
  const where = port === 0 ? { host } : { host, port };
  return { ...found('listener', 'ok', 'can-listen', { [kind]: true, ...where }), ...subject };
}

function tryListen(host: string, port: number): Promise<AppError | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => {
      const told = listenError(error, { host, port });
      resolve(told instanceof AppError ? told : new AppError('port.denied', { host, port }, error));
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** A change from the future shows that two clocks differ: at a mirror the master's and ours, at a master ours of then and now. */
function examineClock({ state, now, config }: Examined): Finding {
  const latest = state?.latestChange;
  const ahead = latest ? latest.at - now : 0;
  if (ahead > CLOCK_MILLIS) {
    const mirror = config.node.role === 'mirror' && { mirror: true };
    return found('clock', 'warning', 'clock-future', { ...howFar(ahead), ...mirror });
  }
  const peers = state?.status.sites.flatMap((site) => site.peers) ?? [];
  const off = peers.find(({ clockAheadMillis = 0 }) => Math.abs(clockAheadMillis) > CLOCK_MILLIS);
  if (off) return examinePeerClock(off);
  const isKnown = peers.some(({ clockAheadMillis }) => clockAheadMillis !== undefined);
  return found('clock', 'ok', isKnown ? 'clock-agrees' : 'clock-unknown');
}

/** The clock of one peer. */
export function examinePeerClock({ name, clockAheadMillis }: PeerStatus): Finding {
  if (clockAheadMillis === undefined) return found('clock', 'ok', 'clock-unknown');
  if (Math.abs(clockAheadMillis) <= CLOCK_MILLIS) return found('clock', 'ok', 'clock-agrees');
  const params = { peer: name, ...howFar(clockAheadMillis), ...(clockAheadMillis > 0 && { ahead: true }) };
  return { ...found('clock', 'warning', 'clock-differs', params), subject: name };
}

/** A peer that is known to run another version; of those that run this one nothing is said. */
function examineVersions({ state }: Examined): Finding[] {
  const peers = new Map(state?.status.sites.flatMap((site) => site.peers.map((peer) => [peer.id, peer])));
  return [...peers.values()].flatMap(({ name, version }) =>
    version === undefined || version === VERSION ? [] : [examineVersion(name, version)],
  );
}

/** The version of one peer; undefined: it has not told. */
export function examineVersion(peer: string, theirs: string | undefined): Finding {
  if (theirs === undefined) return found('version', 'ok', 'version-unknown', { peer });
  if (theirs === VERSION) return found('version', 'ok', 'version-same', { version: VERSION });
  return { ...found('version', 'warning', 'version-differs', { peer, theirs, ours: VERSION }), subject: peer };
}

/** Names that the disk of a mirror cannot hold: one of each kind stands for all, by site and mirror. */
function examineNames({ state }: Examined): Finding[] {
  const kinds = new Map<string, { count: number; first: WaitingItem }>();
  for (const item of state?.status.waiting ?? []) {
    if (!NAME_CODES.has(item.error.code)) continue;
    const kind = `${item.site} ${item.peer ?? ''} ${item.error.code}`;
    const { count = 0, first = item } = kinds.get(kind) ?? {};
    kinds.set(kind, { count: count + 1, first });
  }
  return [...kinds.values()].map(({ count, first: { site, peer, path, error } }) => ({
    ...found('names', 'warning', error.code === 'path.case-clash' ? 'names-clash' : 'names-unsupported', {
      count,
      ...(path !== undefined && { path }),
      ...(peer !== undefined && { peer }),
      ...(error.params['other'] !== undefined && { other: error.params['other'] }),
    }),
    subject: site,
  }));
}

/** What stands in the folder of a site here and is not published: the first of each kind. */
function examineUnfit({ state }: Examined): Finding[] {
  const unfit = (state?.status.waiting ?? []).filter(({ peer, error }) => !peer && error.code.startsWith('unfit.'));
  const first = new Map(unfit.toReversed().map((item) => [`${item.site} ${item.error.code}`, item]));
  return [...first.values()].map(({ site, error }) => ({
    ...problem('names', AppError.fromJSON(error), 'warning'),
    subject: site,
  }));
}

function examineLinks({ state }: Examined): Finding[] {
  return (state?.links ?? []).map(({ site, path, count }) => ({
    ...problem('names', new AppError('unfit.link', { path, ...(count > 1 && { more: count - 1 }) }), 'warning'),
    subject: site,
  }));
}

const NAME_CODES: ReadonlySet<string> = new Set(['path.case-clash', 'path.unsupported-name', 'path.too-long']);

/** Whether a peer is linked, or can be reached, and shows the agreed certificate. */
export async function examinePeer(
  peer: CallResult<'peer.list'>[number],
  { state, probe, config }: Pick<Examined, 'state' | 'probe' | 'config'>,
): Promise<Finding[]> {
  const { name, address } = peer;
  const about = (finding: Finding): Finding => ({ ...finding, subject: name });
  const states = state?.status.sites.flatMap((site) => site.peers.filter(({ id }) => id === peer.id)) ?? [];
  if (states.some(({ connected }) => connected)) {
    const wrong = states.find(({ connected, error }) => connected && error)?.error;
    if (wrong) return [about(problem('peer', AppError.fromJSON(wrong)))];
    return [about(found('peer', 'ok', 'peer-open', { peer: name }))];
  }
  if (address === null || peer.dial !== config.node.role) {
    if (!state?.status.running) return [about(found('peer', 'ok', 'peer-dials', { peer: name }))];
    const why = states.find(({ error }) => error)?.error;
    return [
      about(found('peer', 'warning', 'peer-has-not-dialled', { peer: name })),
      ...(why ? [about(problem('peer', AppError.fromJSON(why), 'warning'))] : []),
    ];
  }
  try {
    await probe(address, peer.id);
    // It answers everybody: whether it lets this install in its last try has shown.
    const refused = states.find(({ error }) => error && errorCodes[error.code] === 'never')?.error;
    if (refused) return [about(problem('peer', AppError.fromJSON(refused)))];
    return [about(found('peer', 'ok', 'peer-answers', { peer: name, address }))];
  } catch (error) {
    if (error instanceof AppError) return [about(problem('peer', error))];
    throw error;
  }
}

/** Whether clients come through to the FTP server's data ports, as far as the config tells. */
export function examinePassivePorts({ ftp }: Config): Finding[] {
  if (!ftp) return [];
  const { min, max } = ftp.passive;
  const ports = max - min + 1;
  if (min === 0 && isLoopbackHost(ftp.host)) return [found('passive-ports', 'ok', 'passive-loopback')];
  if (min === 0) return [found('passive-ports', 'warning', 'passive-any')];
  if (ports < PASSIVE_PORTS_FEW)
    return [found('passive-ports', 'warning', 'passive-few', { ports, wanted: PASSIVE_PORTS_FEW })];
  return [found('passive-ports', 'ok', 'passive-range', { ports, min, max })];
}

/** Mirrors that dial their master have been told the port of the day on which they were paired. */
function examineLinkPort({ config: { link, node }, state }: Examined): Finding[] {
  const dials = state?.peers.find(({ dial }) => dial !== node.role);
  if (node.role !== 'master' || link?.port !== 0 || !dials) return [];
  return [{ ...found('listener', 'warning', 'link-moves', { peer: dials.name }), subject: 'link' }];
}

/** Groups that no program may use, and interfaces that are not there: nobody would hear anything, and the links carry it all. */
function examineMulticast({ sites, follows }: Config): Finding[] {
  const sent = sites.flatMap(({ name, multicast }) => {
    if (!multicast) return [];
    return [
      aboutGroup(name, () => {
        const { address, port, ...group } = multicastGroup(multicast);
        const { via } = reachOf({ address, port, ...group });
        return found('multicast', 'ok', 'multicast-sends', {
          address: `${address}:${port}`,
          ...(via !== undefined && { via }),
        });
      }),
    ];
  });
  const heard = follows.flatMap(({ site, multicast }) => {
    // Where the master announces is not known here: an interface that is named can be looked for.
    const via = multicast === false ? undefined : multicast.interface;
    if (via === undefined) return [];
    return [
      aboutGroup(site, () => {
        reachOf({ family: 'udp4', address: '239.255.0.1', port: 1, interface: via, ttl: 1 });
        return found('multicast', 'ok', 'multicast-hears', { via });
      }),
    ];
  });
  return [...sent, ...heard];
}

function aboutGroup(site: string, look: () => Finding): Finding {
  try {
    return { ...look(), subject: site };
  } catch (error) {
    if (error instanceof AppError) return { ...problem('multicast', error), subject: site };
    throw error;
  }
}

/** What stopped a watch, as the running engine told it, else what this system allows. */
async function examineWatch({ config: { sites }, state }: Examined): Promise<Finding[]> {
  const stopped = (state?.status.waiting ?? []).filter(({ error }) => WATCH_CODES.has(error.code));
  if (stopped.length > 0)
    return stopped.map(({ site, error }) => ({
      ...problem('watch', AppError.fromJSON(error), 'warning'),
      subject: site,
    }));
  if (process.platform !== 'linux' || !sites.some(({ watch }) => watch)) return [];
  return [watchFinding(await readFile('/proc/sys/fs/inotify/max_user_watches', 'utf8').catch(() => ''))];
}

/** Of what the system says, and it may say nothing: a sandbox hides it. */
export function watchFinding(told: string): Finding {
  const limit = Number.parseInt(told, 10);
  if (Number.isNaN(limit)) return found('watch', 'ok', 'watch-unknown');
  if (limit >= WATCHES_FEW) return found('watch', 'ok', 'watch-allows', { limit });
  return found('watch', 'warning', 'watch-few', { limit });
}

const WATCH_CODES: ReadonlySet<string> = new Set(['watch.limit', 'watch.interrupted']);

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** `days` or `hours` too where there are at least two of them. */
function howFar(millis: number): { seconds: number; hours?: number; days?: number } {
  const seconds = Math.round(Math.abs(millis) / 1000);
  if (seconds >= 48 * 3600) return { seconds, days: Math.round(seconds / 86_400) };
  return seconds >= 2 * 3600 ? { seconds, hours: Math.round(seconds / 3600) } : { seconds };
}
