import { z } from 'zod';
import { globProblem } from '../domain/glob.ts';
import { parseReference, REFERENCES_LENGTH_MAX, REFERENCES_MAX, type Reference } from '../domain/reference.ts';
import { parseSitePath, type SitePath } from '../domain/site-path.ts';
import { verdicts, transferStates } from '../domain/verdict.ts';
import { isErrorCode } from '../errors/app-error.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { custom, issue } from './issue.ts';

/** A path from outside: normalised and refused by the rules of `parseSitePath`; never the root itself. */
export const sitePath = z
  .string()
  .max(4096)
  .transform((raw, context): SitePath => {
    const parsed = parseSitePath(raw);
    if (parsed.ok && parsed.value !== '') return parsed.value;
    context.addIssue(custom('site-path'));
    return z.NEVER;
  });

/** A pattern for paths of a site: `*` within a segment, `**` across, `{a,b}`, `[a-z]`; `\\` before a character that is meant itself. */
export const glob = z
  .string()
  .max(1024)
  .overwrite((raw) => raw.normalize('NFC').replace(/^\/+/, ''))
  .superRefine((value, context) => {
    const problem = globProblem(value);
    if (problem !== undefined) context.addIssue(custom(problem.issue, problem.text));
  });

/** Where a document links to: refused as a whole beyond the limits of one document. */
export const references = z
  .array(
    z
      .string()
      .max(4096)
      .transform((raw, context): Reference => {
        const parsed = parseReference(raw);
        if (parsed !== undefined) return parsed;
        context.addIssue(custom('reference'));
        return z.NEVER;
      }),
  )
  .max(REFERENCES_MAX)
  .refine(
    (refs) => refs.reduce((sum, { length }) => sum + length, 0) <= REFERENCES_LENGTH_MAX,
    issue('references-too-long'),
  )
  .readonly();

/** The name of a site, a node or a group: letters, digits, `.`, `_`, `-`; it appears in FTP paths and file names. */
export const name = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u, issue('name'));

/** Of what waits at a mirror, as the mirror calls it; and at a master, which names the site and the mirror too. */
export const WAITING_ID_MAX = 4200;
export const WAITING_PLACE_MAX = WAITING_ID_MAX + 2 * 65;

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, issue('hash'));
export const seq = z.int().min(0);
export const millis = z.int().min(-8.64e15).max(8.64e15);
export const journalId = z.string().regex(/^[0-9a-f]{32}$/, issue('hash'));
/** A stretch of a journal that one engine wrote without a break: see `Journal.term`. */
export const term = z.string().regex(/^[0-9a-f]{16}$/, issue('hash'));
/** SHA-256 of an install's certificate (DER): its id. */
export const fingerprint = sha256;
export const port = z.int().min(0).max(65535);
export const verdict = z.enum(verdicts);
export const transferState = z.enum(transferStates);

/** A place in the history: the time of a row, where it comes from, and its number there. */
export const historyPlace = z.string().regex(/^\d{1,16}(\.\d{1,16}){2}$/, issue('history-place'));

export const errorJson = z.object({
  code: z.string().transform((code, context): ErrorCode => {
    if (isErrorCode(code)) return code;
    context.addIssue(custom('error-code'));
    return z.NEVER;
  }),
  params: z.record(z.string(), z.union([z.string().max(4096), z.number(), z.boolean()])),
});

/** What sentences show as a command, or as a part of one. */
const IN_COMMANDS: ReadonlySet<string> = new Set(['flag', 'rescan', 'find', 'publishes', 'follows']);

/** Characters of what another install says of an error, names and values: it is kept, logged and shown. A path has room in it, and more. */
const PEER_ERROR_MAX = 8192;

/** As another install tells it: nothing of it is shown as a command that is to be typed here, and it is as short as an error is. */
export const errorOfPeer = errorJson.transform(({ code, params }) => {
  let length = 0;
  const told = Object.entries(params).filter(([key, value]) => {
    length += key.length + String(value).length;
    // The name of a group is one word of a command.
    const isSafe = key === 'group' ? name.safeParse(value).success : !IN_COMMANDS.has(key);
    return length <= PEER_ERROR_MAX && isSafe;
  });
  return { code, params: Object.fromEntries(told) };
});

/**
 * A folder is used although another install has noted that it is its own: that one is gone for good, or the folder is a copy. Where that
 * install is there, and has the folder by its config, it stays refused.
 */
export const takeOver = z.boolean().default(false);
