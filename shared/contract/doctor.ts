import { z } from 'zod';
import { deepReport } from './deep.ts';

/** One thing that `lockstep doctor` looked at: how it stands in a sentence, and where it is not right, what to do. */
export const finding = z.object({
  check: z.enum([
    'config',
    'data-folder',
    'identity',
    'database',
    'listener',
    'disk',
    'folder',
    'clock',
    'peer',
    'passive-ports',
    'watch',
    'multicast',
    'version',
    'names',
    'ftp',
  ]),
  /** Which of several: a site, a peer, a listener. */
  subject: z.string().optional(),
  /** What was found: stable, as against the sentences that are made from it. */
  code: z.string().max(64),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  level: z.enum(['ok', 'warning', 'problem']),
  sentence: z.string(),
  mend: z.string().optional(),
});

/** `lockstep doctor --json`. */
export const doctorReport = z.object({
  findings: z.array(finding),
  /** With `--deep`: what all of each site was found to be. */
  deep: z.array(deepReport).optional(),
});

export type Finding = z.output<typeof finding>;
