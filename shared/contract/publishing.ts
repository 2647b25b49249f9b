import { z } from 'zod';
import { issue } from './issue.ts';
import { errorJson, fingerprint, millis, name, port, seq, sitePath } from './primitives.ts';
import { folderPlan, together } from './releases.ts';

/** Files and folders of one drop. */
/** Files and folders of one drop. */
export const DROP_ENTRIES_MAX = 100_000;
const SOURCES_MAX = 1000;
/** Jobs that are shown: those that run and wait, and the last ones that have ended. */
export const JOBS_MAX = 50;
export const TARGETS_MAX = 100;

/** How a server's certificate is trusted: as a browser would, or because a person has compared its fingerprint. */
const trust = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('authority') }),
  z.strictObject({ by: z.literal('fingerprint'), fingerprint }),
]);

/** An FTP server that drops can go to, without its password. */
export const targetPlace = z.strictObject({
  name,
  host: z.string().regex(/^[^\s/\p{Cc}]{1,255}$/u, issue('characters')),
  port: port.min(1).default(21),
  /** `ftps`: explicit TLS. `ftp`: nothing is encrypted, the password neither. */
  protocol: z.enum(['ftps', 'ftp']).default('ftps'),
  user: z.string().regex(/^[^\p{Cc}]{1,128}$/u, issue('one-line')),
  /** The folder at the server that drops go into; '' is where the login leads. */
  folder: z
    .string()
    .max(1024)
    .regex(/^[^\p{Cc}]*$/u, issue('one-line'))
    .default(''),
  trust: trust.default({ by: 'authority' }),
});

export const targetPassword = z
  .string()
  .max(256)
  .regex(/^[^\p{Cc}]*$/u, issue('one-line'));

export const target = targetPlace.extend({
  /** Where its password is: kept under the system's or a file's protection, in memory until this run ends, or nowhere. */
  password: z.enum(['system', 'file', 'memory', 'none']),
});

/** What a server shows of itself. */
const shownCertificate = z.object({
  fingerprint,
  subject: z.string(),
  issuer: z.string(),
  validFrom: millis,
  validTo: millis,
  /** Why no authority vouches for it, as TLS names it; absent: one does. */
  problem: z.string().optional(),
});

/** How far a test came. `confirm`: nothing was sent yet, a person has to compare the certificate first. */
export const targetTest = z.discriminatedUnion('is', [
  z.object({ is: z.literal('confirm'), certificate: shownCertificate }),
  z.object({
    is: z.literal('ready'),
    certificate: shownCertificate.optional(),
    /** A Lockstep master: the drop becomes one release there. */
    lockstep: z.boolean(),
    /** What says that a file has arrived as it was sent: its hash, or only its size. */
    proof: z.enum(['hash', 'size']),
    /** The folder is not there yet; it is made by the first drop. */
    folderMissing: z.boolean(),
  }),
]);

/** Where a drop goes: a site of this master, or a saved target. */
const publishTo = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('site'), site: name.optional() }),
  z.strictObject({ kind: z.literal('target'), target: name }),
]);

export const publishOrder = {
  to: publishTo,
  /** Absolute paths of this machine. A folder alone stands for its content, of several things each stands for itself. */
  sources: z.array(z.string().min(1).max(4096)).min(1).max(SOURCES_MAX),
  /** The folder there that it goes into; absent: the top one. */
  into: sitePath.optional(),
  /** What is there and not in the source goes. With one folder as the source only. */
  delete: z.boolean().default(false),
};

/** A doubt about one path at one mirror. `sure` false: it may go wrong, as far as is known here. */
const mirrorDoubt = z.object({ path: z.string(), error: errorJson, sure: z.boolean() });

const mirrorPlan = z.object({
  mirror: z.string(),
  /** The mirror has told what its disk can hold; else only what some systems cannot is named. */
  known: z.boolean(),
  doubts: z.array(mirrorDoubt),
  /** With those that are not listed. */
  count: z.int(),
});

export const publishPlan = folderPlan.extend({
  /** With what is left out and not listed in `refused`. */
  refusedCount: z.int(),
  /** Bytes of the files that are new or changed. */
  bytes: z.int(),
  /** Bytes of each, in the order of `new` and `changed`; null: a folder. */
  sizes: z.object({ new: z.array(z.int().nullable()).readonly(), changed: z.array(z.int()).readonly() }),
  /** Some are called unchanged by size and time alone: the server tells no hash. */
  bySizeOnly: z.boolean(),
  /** All appears at once, as a release; else file by file. */
  atOnce: z.boolean(),
  mirrors: z.array(mirrorPlan),
});

const progress = {
  files: z.object({ done: z.int(), total: z.int() }),
  bytes: z.object({ done: z.int(), total: z.int() }),
};

/** How far a job is. */
const jobState = z.discriminatedUnion('is', [
  /** Another job for the same place comes first. */
  z.object({ is: z.literal('queued') }),
  z.object({ is: z.literal('comparing') }),
  z.object({
    is: z.literal('sending'),
    /** Files under way, the one that was begun first in front. */
    current: z.array(z.string()).max(8),
    bytesPerSecond: z.int(),
    /** Absent: not known yet. */
    remainingMillis: z.int().optional(),
  }),
  /** The connection was lost; it goes on by itself. */
  z.object({ is: z.literal('retrying'), error: errorJson, attempt: z.int(), at: millis }),
  /** All is there; it is being made visible. From here on it cannot be cancelled. */
  z.object({ is: z.literal('committing') }),
  z.object({ is: z.literal('cancelling') }),
  /** A person has to act, then it can go on where it stopped. */
  z.object({ is: z.literal('stopped'), error: errorJson }),
  z.object({
    is: z.literal('done'),
    /** At a Lockstep master: the number of the release; absent: nothing differed, or the server has no releases. */
    release: seq.optional(),
    changes: z.int(),
    /** Files that were written to, or went, after they had been sent: published is what they were. Absent: none. */
    changedSince: z.int().optional(),
  }),
  /** `kept`: files that are at a server without releases already. */
  z.object({ is: z.literal('cancelled'), kept: z.int() }),
]);

export const publishJob = z.object({
  id: z.string(),
  to: publishTo,
  name: z.string(),
  sources: z.array(z.string()),
  startedAt: millis,
  endedAt: millis.optional(),
  ...progress,
  state: jobState,
  /** A person can have it go on although it would delete much. */
  plan: z.object({ new: z.int(), changed: z.int(), unchanged: z.int(), deleted: z.int(), refused: z.int() }).optional(),
});

export const publishStart = {
  ...publishOrder,
  /** Who asks for it knows it by that, whatever becomes of the answer; a second one of the same id is the first. */
  id: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
  /** Checked when it is used: what is wrong with it is said in a sentence of its own (`release.bad-name`). */
  name: z.string().max(4096),
  together: together.optional(),
  /** However many files would be deleted; without it too many are refused with `guard.held`. */
  allowDeletes: z.boolean().default(false),
};

export type Trust = z.output<typeof trust>;
export type TargetPlace = z.output<typeof targetPlace>;
export type Target = z.output<typeof target>;
export type ShownCertificate = z.output<typeof shownCertificate>;
export type TargetTest = z.output<typeof targetTest>;
export type PublishTo = z.output<typeof publishTo>;
export type PublishPlan = z.output<typeof publishPlan>;
export type MirrorPlan = z.output<typeof mirrorPlan>;
export type MirrorDoubt = z.output<typeof mirrorDoubt>;
export type JobState = z.output<typeof jobState>;
export type PublishJob = z.output<typeof publishJob>;
