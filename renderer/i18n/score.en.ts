const changes = (n: string, value: number): string => `${n} ${value === 1 ? 'change' : 'changes'}`;

/** The English texts of the score. */
export const score = {
  title: 'The score',
  label: (span: string) =>
    `The score of the last ${span}: one lane a machine, one dot a change at the time at which it was visible there. Left and right go from change to change, up and down from lane to lane, Enter opens the change in the history. “Table” says the same in words.`,
  spans: { minute: 'Minute', hour: 'Hour', day: 'Day' },
  inSpan: { minute: 'minute', hour: 'hour', day: 'day' },
  spanLabel: 'Length of time',
  table: 'Table',
  empty: {
    minute: 'Nothing changed in the last minute.',
    hour: 'Nothing changed in the last hour.',
    day: 'Nothing changed in the last day.',
  },
  asking: 'Asking what has changed…',
  rates: (perSecond: string, value: number) => `${perSecond} ${value === 1 ? 'change' : 'changes'} a second`,
  bytesRate: (bytes: string) => `${bytes} a second in`,
  around: (n: string, value: number, time: string) => `${changes(n, value)} around ${time}`,
  by: (op: string, account: string) => `${op} by ${account}`,
  after: (name: string, time: string) => `${name}: visible after ${time}`,
  notYet: (name: string, state: string) => `${name}: ${state}`,
  reached: (n: number, all: number) =>
    n === all
      ? n === 1
        ? 'at the mirror'
        : n === 2
          ? 'at both mirrors'
          : `at all ${n} mirrors`
      : `at ${n} of ${all} mirrors`,
  release: 'part of a release',
  missing: (n: string) => `${n} behind`,
  machine: 'Machine',
  count: 'Changes',
  lag: 'Usual delay',
  state: 'State',
  machines: 'Machines of the score',
  latest: 'Changes of the score',
  source: 'where changes come from',
  more: (n: string) => `The table lists the newest ${n}.`,
} as const;
