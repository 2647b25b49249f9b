import type { HookStatus } from '../../../shared/contract/hooks.ts';
import type { PeerStatus, Status } from '../../../shared/contract/status.ts';

/** Prometheus' text format 0.0.4. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type Site = Status['sites'][number];

interface Usage {
  cpuUsage(): { user: number; system: number };
  memoryUsage: { rss(): number };
  uptime(): number;
}

/** Of the name it is known whether it counts: then it ends in `_total`. Undefined: it is not known, and nothing is said. */
type Metric<T> = readonly [name: string, help: string, read: (of: T) => number | undefined];

const ofSite: readonly Metric<Site>[] = [
  ['lockstep_site_head_seq', 'Number of the latest change of the site.', (site) => site.headSeq],
  ['lockstep_site_files', 'Files of the site.', (site) => site.files],
  [
    'lockstep_site_changes_per_second',
    'Changes to the site per second, over the last ten seconds.',
    (site) => site.changesPerSecond ?? 0,
  ],
  [
    'lockstep_site_upload_bytes_per_second',
    'Bytes uploaded per second, over the last ten seconds.',
    (site) => site.bytesPerSecond ?? 0,
  ],
];

const ofPeer: readonly Metric<PeerStatus>[] = [
  ['lockstep_peer_connected', '1 while the link to the peer is open.', (peer) => Number(peer.connected)],
  ['lockstep_peer_in_step', '1 while the mirror has published everything it should.', (peer) => Number(peer.inStep)],
  [
    'lockstep_peer_received_seq',
    'Number of the change up to which the mirror has received all.',
    (peer) => peer.receivedSeq,
  ],
  [
    'lockstep_peer_published_seq',
    'Number of the change up to which the mirror has published all.',
    (peer) => peer.publishedSeq,
  ],
  ['lockstep_peer_waiting', 'Changes that the mirror has not published yet.', (peer) => peer.waiting],
  ['lockstep_peer_failing', 'Changes whose transfer is failing and will be retried.', (peer) => peer.failing],
  ['lockstep_peer_held', 'Changes that need attention.', (peer) => peer.held],
  [
    'lockstep_peer_drifted',
    'Files on the mirror that others have changed and that need attention.',
    (peer) => peer.drifted ?? 0,
  ],
  [
    'lockstep_peer_changes_per_second',
    'Changes that became visible on the mirror per second, over the last ten seconds.',
    (peer) => peer.changesPerSecond ?? 0,
  ],
  [
    'lockstep_peer_bytes_per_second',
    'Bytes that the mirror fetched per second, over the last ten seconds.',
    (peer) => peer.bytesPerSecond ?? 0,
  ],
  [
    'lockstep_peer_lag_seconds',
    'From a change until it is visible on the mirror: median of recent changes.',
    (peer) => seconds(peer.lagMillis),
  ],
  [
    'lockstep_peer_round_trip_seconds',
    'Round trip to the peer over the link.',
    (peer) => seconds(peer.roundTripMillis),
  ],
  [
    'lockstep_peer_behind_seconds',
    'Age of the oldest change that is not yet visible on the mirror; 0 if there is none.',
    (peer) => (peer.behindMillis ?? 0) / 1000,
  ],
  [
    'lockstep_peer_published_total',
    'Changes that became visible on the mirror.',
    (peer) => peer.totals?.published ?? 0,
  ],
  ['lockstep_peer_bytes_total', 'Bytes that the mirror fetched.', (peer) => peer.totals?.bytes ?? 0],
  [
    'lockstep_peer_failures_total',
    'Failed attempts of the mirror to fetch or publish.',
    (peer) => peer.totals?.failures ?? 0,
  ],
];

const ofHook: readonly Metric<HookStatus>[] = [
  ['lockstep_hook_queued', 'Events that the hook has not accepted yet.', (hook) => hook.queued],
  ['lockstep_hook_failing', '1 if the last attempt of the hook failed.', (hook) => Number(hook.failing !== undefined)],
  ['lockstep_hook_lost_total', 'Events that were given up because the hook did not accept them.', (hook) => hook.lost],
];

/** `now`: in milliseconds. `ftpSessions`: absent where no FTP server runs. */
export function metricsText(status: Status, usage: Usage, now: number, ftpSessions?: number): string {
  const { node, sites, hooks = [], waiting } = status;
  const { user, system } = usage.cpuUsage();
  const allSites = sites.map((site) => [{ site: site.name }, site] as const);
  const allPeers = sites.flatMap(({ name, peers }) =>
    peers.map((peer) => [{ site: name, peer: peer.name }, peer] as const),
  );
  const allHooks = hooks.map((hook, at) => [{ hook: String(at + 1), on: hook.on, target: hook.target }, hook] as const);
  return [
    metric('lockstep_info', 'The install.', 1, { name: node.name, role: node.role, version: node.version }),
    ...metricsOf(ofSite, allSites),
    ...metricsOf(ofPeer, allPeers),
    ...metricsOf(ofHook, allHooks),
    metric('lockstep_ftp_sessions', 'Sessions of the FTP server: publishers, and mirrors that fetch.', ftpSessions),
    metric('lockstep_waiting_items', 'Entries in the waiting list.', waiting.length),
    metric('process_cpu_seconds_total', 'CPU time of the process.', (user + system) / 1e6),
    metric('process_resident_memory_bytes', 'Resident memory of the process.', usage.memoryUsage.rss()),
    metric(
      'process_start_time_seconds',
      'Start time of the process, in seconds since 1970.',
      Math.round(now / 1000 - usage.uptime()),
    ),
  ].join('');
}

type Labels = Readonly<Record<string, string>>;

function metricsOf<T>(metrics: readonly Metric<T>[], all: readonly (readonly [Labels, T])[]): string[] {
  return metrics.map(([name, help, read]) =>
    family(
      name,
      help,
      all.map(([labels, of]) => [labels, read(of)]),
    ),
  );
}

function metric(name: string, help: string, value: number | undefined, labels: Labels = {}): string {
  return family(name, help, [[labels, value]]);
}

function family(name: string, help: string, samples: readonly (readonly [Labels, number | undefined])[]): string {
  const lines = samples.map(([labels, value]) =>
    value === undefined ? '' : `${name}${labelsText(labels)} ${value}\n`,
  );
  const type = name.endsWith('_total') ? 'counter' : 'gauge';
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function seconds(millis: number | undefined): number | undefined {
  return millis === undefined ? undefined : millis / 1000;
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value.replace(/[\\"\n]/g, escaped)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`;
}
