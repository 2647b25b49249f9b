import { z } from 'zod';
import { custom } from './issue.ts';
import { errorJson, millis, name } from './primitives.ts';

export const HOOKS_MAX = 20;
export const hookEvents = ['published', 'release-everywhere'] as const;

/** What is done when something has happened: a program is started, or an address is told. One of both. */
export const hook = z
  .strictObject({
    /** `published`: at a mirror, files are visible. `release-everywhere`: at a master, every mirror shows a release. */
    on: z.enum(hookEvents),
    /** Of this site only; absent: of every site. */
    site: name.optional(),
    /** A program and its arguments, without a shell. It reads the event as JSON from its standard input. */
    command: z.array(z.string().min(1).max(4096)).min(1).max(64).optional(),
    /** Where the event is sent, by POST. */
    url: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .optional(),
    /** A file that holds the secret of the signature, in the data folder where it is not absolute. */
    secretFile: z.string().min(1).max(4096).optional(),
    /** How long one attempt may take. */
    timeoutSeconds: z.int().min(1).max(300).default(30),
  })
  .superRefine((value, context) => {
    const { command, url, secretFile } = value;
    if (command === undefined && url === undefined)
      context.addIssue({ ...custom('hook-needs-one'), path: ['command'] });
    if (command !== undefined && url !== undefined) context.addIssue({ ...custom('hook-has-both'), path: ['url'] });
    if (url !== undefined && /^https?:\/\/[^/?#]*@/i.test(url))
      context.addIssue({ ...custom('hook-has-login'), path: ['url'] });
    if (secretFile !== undefined && url === undefined)
      context.addIssue({ ...custom('only-url-signed'), path: ['secretFile'] });
  });

export type Hook = z.output<typeof hook>;

/** How a hook is doing. */
export const hookStatus = z.object({
  on: z.enum(hookEvents),
  /** The program, or where the address leads; its path and query may be secrets. */
  target: z.string(),
  /** Events that have not been taken yet. */
  queued: z.int(),
  /** Events that were given up, or dropped because too many were queued, since the start. */
  lost: z.int(),
  /** The last attempt failed. */
  failing: z.object({ since: millis, error: errorJson, nextAttemptAt: millis.optional() }).optional(),
});
export type HookStatus = z.output<typeof hookStatus>;
