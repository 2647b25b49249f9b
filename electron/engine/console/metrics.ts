import type { HookStatus } from '../../../shared/contract/hooks.ts';
import type { PeerStatus, Status } from '../../../shared/contract/status.ts';

/** Prometheus' text format 0.0.4. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

interface Usage {
  cpuUsage(): { user: number; system: number };
  memoryUsage: { rss(): number };
  uptime(): number;
}

/** `now`: in milliseconds. `ftpSessions`: absent where no FTP server runs. */
export function metricsText(status: Status, usage: Usage, now: number, ftpSessions?: number): string {
  const { node, sites } = status;
  const { user, system } = usage.cpuUsage();
  const ofSites = (read: (site: Status['sites'][number]) => number): Sample[] =>
    sites.map((site) => [{ site: site.name }, read(site)]);
  const ofPeers = (read: (peer: PeerStatus) => number): Sample[] =>
    sites.flatMap((site) => site.peers.map((peer): Sample => [{ site: site.name, peer: peer.name }, read(peer)]));
  const ofHooks = (read: (hook: HookStatus) => number): Sample[] =>
    (status.hooks ?? []).map((hook, index) => [
      { hook: String(index + 1), on: hook.on, target: hook.target },
      read(hook),
    ]);
  return [
    gauge('lockstep_info', 'The install.', [[{ name: node.name, role: node.role, version: node.version }, 1]]),
    gauge(
      'lockstep_site_head_seq',
      'Number of the latest change of the site.',
      ofSites((site) => site.headSeq),
    ),
    gauge(
      'lockstep_site_files',
      'Files of the site.',
      ofSites((site) => site.files),
    ),
    gauge(
      'lockstep_peer_connected',
      '1 while the link to the peer is open.',
      ofPeers((peer) => Number(peer.connected)),
    ),
    gauge(
      'lockstep_peer_in_step',
      '1 while the mirror has published all that it wants.',
      ofPeers((peer) => Number(peer.inStep)),
    ),
    gauge(
      'lockstep_peer_received_seq',
      'Up to here the mirror has received changes.',
      ofPeers((peer) => peer.receivedSeq),
    ),
    gauge(
      'lockstep_peer_published_seq',
      'Up to here the mirror has published changes.',
      ofPeers((peer) => peer.publishedSeq),
    ),
    gauge(
      'lockstep_peer_waiting',
      'Changes that the mirror has not published yet.',
      ofPeers((peer) => peer.waiting),
    ),
    gauge(
      'lockstep_peer_failing',
      'Changes whose transfer fails and is tried again.',
      ofPeers((peer) => peer.failing),
    ),
    gauge(
      'lockstep_peer_held',
      'Changes that wait for a person.',
      ofPeers((peer) => peer.held),
    ),
    gauge(
      'lockstep_site_changes_per_second',
      'Changes of the site, over the last ten seconds.',
      ofSites((site) => site.changesPerSecond ?? 0),
    ),
    gauge(
      'lockstep_site_upload_bytes_per_second',
      'Bytes of uploads, over the last ten seconds.',
      ofSites((site) => site.bytesPerSecond ?? 0),
    ),
    gauge(
      'lockstep_peer_changes_per_second',
      'Changes that became visible at the mirror, over the last ten seconds.',
      ofPeers((peer) => peer.changesPerSecond ?? 0),
    ),
    gauge(
      'lockstep_peer_bytes_per_second',
      'Bytes of files that the mirror fetched, over the last ten seconds.',
      ofPeers((peer) => peer.bytesPerSecond ?? 0),
    ),
    gauge(
      'lockstep_peer_lag_seconds',
      'From a change to when it is visible at the mirror, the median of the last.',
      known(ofPeers((peer) => (peer.lagMillis ?? Number.NaN) / 1000)),
    ),
    gauge(
      'lockstep_peer_round_trip_seconds',
      'The way to the peer and back, over the link.',
      known(ofPeers((peer) => (peer.roundTripMillis ?? Number.NaN) / 1000)),
    ),
    gauge(
      'lockstep_peer_behind_seconds',
      'Age of the oldest change that is not visible at the mirror; 0 where there is none.',
      ofPeers((peer) => (peer.behindMillis ?? 0) / 1000),
    ),
    metric(
      'lockstep_peer_published_total',
      'counter',
      'Changes that became visible at the mirror.',
      ofPeers((peer) => peer.totals?.published ?? 0),
    ),
    metric(
      'lockstep_peer_bytes_total',
      'counter',
      'Bytes of files that the mirror fetched.',
      ofPeers((peer) => peer.totals?.bytes ?? 0),
    ),
    metric(
      'lockstep_peer_failures_total',
      'counter',
      'Attempts of the mirror to fetch or publish that failed.',
      ofPeers((peer) => peer.totals?.failures ?? 0),
    ),
    gauge(
      'lockstep_hook_queued',
      'Events that the hook has not taken yet.',
      ofHooks((hook) => hook.queued),
    ),
    gauge(
      'lockstep_hook_failing',
      '1 while the last attempt of the hook failed.',
      ofHooks((hook) => Number(hook.failing !== undefined)),
    ),
    metric(
      'lockstep_hook_lost_total',
      'counter',
      'Events that the hook did not take and that were given up.',
      ofHooks((hook) => hook.lost),
    ),
    gauge(
      'lockstep_ftp_sessions',
      'Sessions of the FTP server: publishers, and mirrors that fetch.',
      ftpSessions === undefined ? [] : [[{}, ftpSessions]],
    ),
    gauge('lockstep_waiting_items', 'What stands in the waiting list.', [[{}, status.waiting.length]]),
    metric('process_cpu_seconds_total', 'counter', 'CPU time of the process.', [[{}, (user + system) / 1e6]]),
    gauge('process_resident_memory_bytes', 'Resident memory of the process.', [[{}, usage.memoryUsage.rss()]]),
    gauge('process_start_time_seconds', 'When the process was started, in seconds since 1970.', [
      [{}, Math.round(now / 1000 - usage.uptime())],
    ]),
  ].join('');
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Of what is not known nothing is said. */
function known(samples: readonly Sample[]): Sample[] {
  return samples.filter(([, value]) => !Number.isNaN(value));
}

function gauge(name: string, help: string, samples: readonly Sample[]): string {
  return metric(name, 'gauge', help, samples);
}

function metric(name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => `${name}${labelsText(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value.replace(/[\\"\n]/g, escaped)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`;
}
