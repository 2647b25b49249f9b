/** The Grafana dashboard of docs/grafana: from `/metrics`, first whether all is well, then what is not. */
interface Panel {
  readonly title: string;
  readonly type: 'stat' | 'timeseries' | 'table';
  readonly unit?: string;
  readonly width: number;
  readonly queries: readonly (readonly [expression: string, legend: string])[];
  readonly note: string;
  /** Above it the panel turns red. */
  readonly bad?: number;
  /** Below it the panel turns red. */
  readonly badBelow?: number;
}

const HERE = '{instance=~"$instance"}';
const SITE = '{instance=~"$instance", site=~"$site"}';
const HEIGHT = 7;
const COLUMNS = 24;

const panels: readonly Panel[] = [
  {
    title: 'Mirrors in step',
    type: 'stat',
    unit: 'percentunit',
    width: 6,
    queries: [[`avg(lockstep_peer_in_step${SITE})`, '']],
    note: 'Share of mirrors that have published everything they should.',
    badBelow: 1,
  },
  {
    title: 'Links open',
    type: 'stat',
    unit: 'percentunit',
    width: 6,
    queries: [[`avg(lockstep_peer_connected${SITE})`, '']],
    note: 'Share of mirrors whose link is up.',
    badBelow: 1,
  },
  {
    title: 'Failing transfers',
    type: 'stat',
    width: 6,
    queries: [[`sum(lockstep_peer_failing${SITE})`, '']],
    note: 'Retried automatically. lockstep waiting list says why they fail.',
    bad: 1,
  },
  {
    title: 'Needs attention',
    type: 'stat',
    width: 6,
    queries: [[`sum(lockstep_peer_held${SITE}) + sum(lockstep_peer_drifted${SITE})`, '']],
    note: 'Changes that someone must decide about, and files on a mirror that others have changed.',
    bad: 1,
  },
  {
    title: 'Behind',
    type: 'timeseries',
    width: 12,
    queries: [
      [
        `lockstep_site_head_seq${SITE} - on (instance, site) group_right () lockstep_peer_published_seq${SITE}`,
        '{{peer}} · {{site}}',
      ],
    ],
    note: 'Changes to the site that the mirror does not show yet.',
  },
  {
    title: 'Lag',
    type: 'timeseries',
    unit: 's',
    width: 12,
    queries: [[`lockstep_peer_lag_seconds${SITE}`, '{{peer}} · {{site}}']],
    note: 'From a change until it is visible on the mirror: median of recent changes.',
  },
  {
    title: 'Oldest change not yet visible',
    type: 'timeseries',
    unit: 's',
    width: 12,
    queries: [[`lockstep_peer_behind_seconds${SITE}`, '{{peer}} · {{site}}']],
    note: 'How long ago it was made. 0 if everything is visible.',
  },
  {
    title: 'In the last hour',
    type: 'timeseries',
    width: 12,
    queries: [
      [`increase(lockstep_peer_published_total${SITE}[1h])`, 'changes · {{peer}} · {{site}}'],
      [`increase(lockstep_peer_failures_total${SITE}[1h])`, 'failures · {{peer}} · {{site}}'],
    ],
    note: 'Changes that became visible on each mirror, and failed attempts.',
  },
  {
    title: 'Changes',
    type: 'timeseries',
    unit: 'cps',
    width: 12,
    queries: [
      [`lockstep_site_changes_per_second${SITE}`, '{{site}}'],
      [`lockstep_peer_changes_per_second${SITE}`, '→ {{peer}} · {{site}}'],
    ],
    note: 'Made on the site, and becoming visible on each mirror.',
  },
  {
    title: 'Bytes',
    type: 'timeseries',
    unit: 'Bps',
    width: 12,
    queries: [
      [`lockstep_site_upload_bytes_per_second${SITE}`, 'uploads · {{site}}'],
      [`lockstep_peer_bytes_per_second${SITE}`, '→ {{peer}} · {{site}}'],
      [`rate(lockstep_peer_bytes_total${SITE}[5m])`, '→ {{peer}} · {{site}}, 5 min'],
    ],
    note: 'Uploads, and files fetched by each mirror.',
  },
  {
    title: 'Not published yet',
    type: 'timeseries',
    width: 12,
    queries: [
      [`lockstep_peer_waiting${SITE}`, '{{peer}} · {{site}}'],
      [`lockstep_waiting_items${HERE}`, 'waiting list · {{instance}}'],
    ],
    note: 'The queue of each mirror, and the length of the waiting list.',
  },
  {
    title: 'FTP sessions',
    type: 'timeseries',
    width: 12,
    queries: [[`lockstep_ftp_sessions${HERE}`, '{{instance}}']],
    note: 'Connected clients: publishers, and mirrors that fetch.',
  },
  {
    title: 'Round trip',
    type: 'timeseries',
    unit: 's',
    width: 12,
    queries: [[`lockstep_peer_round_trip_seconds${SITE}`, '{{peer}}']],
    note: 'Over the link.',
  },
  {
    title: 'Hooks',
    type: 'timeseries',
    width: 12,
    queries: [
      [`lockstep_hook_queued${HERE}`, 'queued · {{target}}'],
      [`lockstep_hook_failing${HERE}`, 'failing · {{target}}'],
      [`increase(lockstep_hook_lost_total${HERE}[1h])`, 'given up per hour · {{target}}'],
    ],
    note: 'Events that hooks have not accepted.',
  },
  {
    title: 'Files and journal',
    type: 'timeseries',
    width: 12,
    queries: [
      [`lockstep_site_files${SITE}`, 'files · {{site}}'],
      [`lockstep_site_head_seq${SITE}`, 'change · {{site}}'],
    ],
    note: 'The size of the sites, and the number of changes so far.',
  },
  {
    title: 'Process',
    type: 'timeseries',
    width: 12,
    queries: [
      [`rate(process_cpu_seconds_total${HERE}[5m])`, 'CPU · {{instance}}'],
      [`process_resident_memory_bytes${HERE} / 1e9`, 'memory in GB · {{instance}}'],
    ],
    note: 'CPU in cores, memory in GB.',
  },
];

/** JSON to be imported into Grafana, 10 or newer; the source of the data is chosen there. */
export function dashboard(): string {
  const source = { type: 'prometheus', uid: '${source}' };
  let x = 0;
  let y = 0;
  const placed = panels.map(({ title, type, unit = 'short', width, queries, note, bad, badBelow }, index) => {
    if (x + width > COLUMNS) [x, y] = [0, y + HEIGHT];
    const gridPos = { x, y, w: width, h: HEIGHT };
    x += width;
    const steps =
      badBelow !== undefined
        ? [
            { color: 'red', value: null },
            { color: 'green', value: badBelow },
          ]
        : [{ color: 'green', value: null }, ...(bad === undefined ? [] : [{ color: 'red', value: bad }])];
    return {
      id: index + 1,
      title,
      description: note,
      type,
      datasource: source,
      gridPos,
      targets: queries.map(([expr, legendFormat], at) => ({
        refId: String.fromCharCode(65 + at),
        expr,
        legendFormat,
        datasource: source,
      })),
      fieldConfig: { defaults: { unit, thresholds: { mode: 'absolute', steps } }, overrides: [] },
      options: type === 'stat' ? { reduceOptions: { calcs: ['lastNotNull'] } } : {},
    };
  });
  const variable = (name: string, label: string, query: string): object => ({
    name,
    label,
    type: 'query',
    datasource: source,
    query,
    refresh: 2,
    multi: true,
    includeAll: true,
    current: { text: 'All', value: '$__all' },
  });
  const whole = {
    uid: 'lockstep',
    title: 'Lockstep',
    tags: ['lockstep'],
    schemaVersion: 39,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        { name: 'source', label: 'Source', type: 'datasource', query: 'prometheus' },
        variable('instance', 'Install', 'label_values(lockstep_info, instance)'),
        variable('site', 'Site', 'label_values(lockstep_site_files{instance=~"$instance"}, site)'),
      ],
    },
    panels: placed,
  };
  return `${JSON.stringify(whole, null, 2)}\n`;
}
