import { z } from 'zod';

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
  ]),
  /** Which of several: a site, a peer, a listener. */
  subject: z.string().optional(),
  level: z.enum(['ok', 'warning', 'problem']),
  sentence: z.string(),
  mend: z.string().optional(),
});

/** `lockstep doctor --json`. */
export const doctorReport = z.object({ findings: z.array(finding) });

export type Finding = z.output<typeof finding>;
