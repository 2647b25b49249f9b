import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { CallResult } from '../../shared/contract/calls.ts';
import type { Config } from '../../shared/contract/config.ts';
import type { Finding } from '../../shared/contract/doctor.ts';
import type { Status } from '../../shared/contract/status.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { sentenceParts } from '../../shared/errors/sentences.en.ts';
import { examineDataFolder, examineDisk, examineIdentity, examineRoot, problem } from './doctor-folders.ts';

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
    ...config.sites.map(({ name, root }) => ({ name, root })),
    ...config.follows.map(({ site, root }) => ({ name: site, root })),
  ];
  const found = await Promise.all([
    examineDataFolder(dataDir),
    examineIdentity(dataDir, examined.now),
    Promise.all(listenersOf(config).map((listener) => examineListener(listener, examined.state?.status))),
    examineDisk(dataDir, 'the data folder'),
    Promise.all(roots.map(({ name, root }) => examineRoot(name, root))),
    Promise.all((examined.state?.peers ?? []).map((peer) => examinePeer(peer, examined))),
    examineWatch(config),
  ]);
  const known: Finding[] = [
    { check: 'config', level: 'ok', sentence: 'config.json is right.' },
    examineDatabase(examined),
    examineClock(examined),
    ...examinePassivePorts(config),
  ];
  return [...known, ...found.flat(2)];
}

/** The finding for an install whose config does not even parse. */
export function configFinding(error: AppError): Finding {
  return problem('config', error);
}

function examineDatabase({ state, stateError }: Examined): Finding {
  if (state) return { check: 'database', level: 'ok', sentence: 'The database opens.' };
  return problem('database', stateError ?? new AppError('internal'));
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
  if (ours)
    return {
      check: 'listener',
      subject: kind,
      level: 'ok',
      sentence: `${names[kind]} listens at ${ours.host}:${ours.port}.`,
    };
  if (status?.running)
    return {
      check: 'listener',
      subject: kind,
      level: 'problem',
      sentence: `${names[kind]} does not listen, though Lockstep is running.`,
      mend: 'Stop it and start it again: lockstep run says why.',
    };
  const error = await tryListen(host, port);
  if (error) return { ...problem('listener', error), subject: kind };
  const where = port === 0 ? 'any port' : `port ${port}`;
  return {
    check: 'listener',
    subject: kind,
    level: 'ok',
    sentence: `${names[kind]} can listen on ${where} of ${host}.`,
  };
}

const names = { ftp: 'The FTP server', link: 'The link', console: 'The console' } as const;

function tryListen(host: string, port: number): Promise<AppError | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(new AppError(error.code === 'EADDRINUSE' ? 'port.busy' : 'port.denied', { host, port }, error)),
    );
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** A change from the future shows that two clocks differ: at a mirror the master's and ours, at a master ours of then and now. */
function examineClock({ state, now, config }: Examined): Finding {
  const latest = state?.latestChange;
  const ahead = latest ? latest.at - now : 0;
  if (ahead > CLOCK_MILLIS)
    return {
      check: 'clock',
      level: 'warning',
      sentence: `The latest change is dated ${Math.round(ahead / 1000)} s after the clock of this machine${config.node.role === 'mirror' ? ": the master's clock differs from this one" : ''}.`,
      mend: 'Let both machines take their time from NTP.',
    };
  const peers = state?.status.sites.flatMap((site) => site.peers) ?? [];
  const off = peers.find(({ clockAheadMillis = 0 }) => Math.abs(clockAheadMillis) > CLOCK_MILLIS);
  if (off) {
    const seconds = Math.round(Math.abs(off.clockAheadMillis ?? 0) / 1000);
    const direction = (off.clockAheadMillis ?? 0) > 0 ? 'ahead of' : 'behind';
    return {
      check: 'clock',
      subject: off.name,
      level: 'warning',
      sentence: `The clock of ${off.name} is ${seconds} s ${direction} this machine's.`,
      mend: 'Let both machines take their time from NTP.',
    };
  }
  const known = peers.some(({ clockAheadMillis }) => clockAheadMillis !== undefined);
  return {
    check: 'clock',
    level: 'ok',
    sentence: known
      ? "The clocks of the peers agree with this machine's."
      : 'How far the clocks of the peers differ is not known before a link has been open (the order of changes does not depend on clocks).',
  };
}

async function examinePeer(
  peer: CallResult<'peer.list'>[number],
  { state, probe, config }: Examined,
): Promise<Finding> {
  const base = { check: 'peer' as const, subject: peer.name };
  const states = state?.status.sites.flatMap((site) => site.peers.filter(({ id }) => id === peer.id)) ?? [];
  if (states.some(({ connected }) => connected))
    return { ...base, level: 'ok', sentence: `The link to ${peer.name} is open.` };
  if (peer.address === null || peer.dial !== config.node.role) {
    const why = states.find(({ error }) => error)?.error;
    return {
      ...base,
      level: state?.status.running ? 'warning' : 'ok',
      sentence: `${peer.name} dials this install${state?.status.running ? ', and has not done so' : ''}.${why ? ` ${sentenceParts(why).what}` : ''}`,
      ...(state?.status.running && { mend: `Give lockstep doctor at ${peer.name}.` }),
    };
  }
  try {
    await probe(peer.address, peer.id);
    return { ...base, level: 'ok', sentence: `${peer.name} answers at ${peer.address} with the agreed certificate.` };
  } catch (error) {
    if (error instanceof AppError) return { ...problem('peer', error), subject: peer.name };
    throw error;
  }
}

function examinePassivePorts({ ftp }: Config): Finding[] {
  if (!ftp) return [];
  const { min, max } = ftp.passive;
  const ports = max - min + 1;
  if (min === 0 && isLoopbackHost(ftp.host))
    return [
      {
        check: 'passive-ports',
        level: 'ok',
        sentence: 'The FTP server takes any port for data; it is reached from this machine only.',
      },
    ];
  if (min === 0)
    return [
      {
        check: 'passive-ports',
        level: 'warning',
        sentence: 'The FTP server takes any free port for data, which a firewall in between would have to let through.',
        mend: 'Where there is a firewall, set ftp.passive.min and ftp.passive.max in config.json and open these ports.',
      },
    ];
  if (ports < PASSIVE_PORTS_FEW)
    return [
      {
        check: 'passive-ports',
        level: 'warning',
        sentence: `The FTP server has ${ports} ports for data; every transfer needs one.`,
        mend: `Let ftp.passive in config.json span ${PASSIVE_PORTS_FEW} ports or more.`,
      },
    ];
  return [
    { check: 'passive-ports', level: 'ok', sentence: `The FTP server has ${ports} ports for data, ${min} to ${max}.` },
  ];
}

async function examineWatch({ sites }: Config): Promise<Finding[]> {
  if (process.platform !== 'linux' || !sites.some(({ watch }) => watch)) return [];
  const limit = Number(await readFile('/proc/sys/fs/inotify/max_user_watches', 'utf8').catch(() => Number.NaN));
  if (Number.isNaN(limit) || limit >= WATCHES_FEW)
    return [
      {
        check: 'watch',
        level: 'ok',
        sentence: `Changes without FTP are watched for; this system allows ${limit} watched folders.`,
      },
    ];
  return [
    {
      check: 'watch',
      level: 'warning',
      sentence: `This system allows ${limit} watched folders only; changes in further ones are seen by a rescan only.`,
      mend: 'sysctl fs.inotify.max_user_watches=524288',
    },
  ];
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
