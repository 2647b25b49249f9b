/** The English texts of what is checked on demand: this install, or the link to a peer. */
export const checks = {
  title: 'Checks',
  explain: 'Looks at ports, certificate, disk, folders, clock, database and peers, and says what to do.',
  linkTitle: 'Diagnosis',
  linkExplain:
    'Looks at the link: is it reached, by the agreed certificate? Clock, version, and whether files come through.',
  run: 'Look now',
  again: 'Look again',
  running: 'Looking…',
  allRight: (n: string, value: number) => `All is well: ${n} ${value === 1 ? 'check' : 'checks'}.`,
  rest: (n: string, value: number) => `${n} ${value === 1 ? 'check is' : 'checks are'} well`,
  level: { ok: 'well', warning: 'worth a look', problem: 'wrong' },
} as const;
