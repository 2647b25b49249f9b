const changes = (n: string, value: number): string => `${n} ${value === 1 ? 'change' : 'changes'}`;

/** The English texts of the score. */
export const score = {
  title: 'The score',
  label: (span: string) =>
    `The score of the last ${span}: a lane for each machine, a dot for each change at the moment it became visible there. Left and right move between changes, up and down between lanes, Enter opens the change in the history. “Table” says the same in words.`,
  spans: { minute: 'Minute', hour: 'Hour', day: 'Day' },
  inSpan: { minute: 'minute', hour: 'hour', day: 'day' },
  spanLabel: 'Time span',
  table: 'Table',
  empty: {
    minute: 'Nothing changed in the last minute.',
    hour: 'Nothing changed in the last hour.',
    day: 'Nothing changed in the last day.',
  },
  asking: 'Loading the changes…',
  rates: (perSecond: string, value: number) => `${perSecond} ${value === 1 ? 'change' : 'changes'}/s`,
  bytesRate: (bytes: string) => `${bytes}/s in`,
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
  machines: 'Machines in the score',
  latest: 'Changes in the score',
  source: 'where changes come from',
  more: (n: string) => `The table lists the newest ${n}.`,
} as const;
