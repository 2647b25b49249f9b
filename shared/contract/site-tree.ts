import { z } from 'zod';
import { parseSitePath, type SitePath } from '../domain/site-path.ts';
import { route } from './config.ts';
import { custom, issue } from './issue.ts';
import { errorJson, millis, name, seq, sha256, sitePath } from './primitives.ts';

/*
 * The tree of a site, folder by folder, as the index has it: what is in it, and how each file stands at the mirrors that are
 * to have it.
 */

/** The root of a site, or a folder of it. */
export const siteFolder = z
  .string()
  .max(4096)
  .transform((raw, context): SitePath => {
    const parsed = parseSitePath(raw);
    if (parsed.ok) return parsed.value;
    context.addIssue(custom('site-path'));
    return z.NEVER;
  });

/** A place in a listing, named by an earlier page. */
export const treePlace = z.string().regex(/^[df]\/[^\0]{0,4200}$/u, issue('history-place'));

/**
 * How a file stands at a mirror, the worst first. `unknown`: the mirror compares its whole index, or is so far behind that it
 * is not counted. `given-up`: a person gave it up there. `not-wanted`: no route leads there, or the mirror leaves it out.
 */
export const fileStates = [
  'failing',
  'held',
  'away',
  'waiting',
  'on-its-way',
  'unknown',
  'given-up',
  'published',
  'not-wanted',
] as const;
const fileState = z.enum(fileStates);

const treeFolder = z.object({
  kind: z.literal('dir'),
  path: sitePath,
  /** The worst of what is outstanding in it; `published`: nothing is, as the cursors of the mirrors say. */
  state: fileState,
});

const treeFile = z.object({
  kind: z.literal('file'),
  path: sitePath,
  size: z.int(),
  mtime: millis,
  /** The worst of its mirrors; at a mirror: here. */
  state: fileState,
  /** Mirrors that have it, of those that are to have it. */
  has: z.int(),
  of: z.int(),
  /** At a mirror: it is deleted at the master, and on its way out here. */
  leaving: z.boolean().optional(),
});

const treeRow = z.discriminatedUnion('kind', [treeFolder, treeFile]);

/** A page looks at a bounded number of rows: it may hold few, or none, and yet not be the last. */
export const treePage = z.object({
  site: name,
  /** In the order of their names: folders, then files. */
  rows: z.array(treeRow),
  /** Absent: this is the end. */
  next: treePlace.optional(),
});

/** A file at one mirror. */
const fileAtMirror = z.object({
  peer: z.string(),
  state: fileState,
  receivedAt: millis.optional(),
  fetchedAt: millis.optional(),
  publishedAt: millis.optional(),
  nextAttemptAt: millis.optional(),
  error: errorJson.optional(),
});

/** Links and linkers of a file that are told; of more it is said that there are more. */
export const FILE_LINKS_TOLD = 100;

export const fileFacts = z.object({
  site: name,
  path: sitePath,
  /** `gone`: it was there, and was deleted. */
  kind: z.enum(['file', 'dir', 'gone']),
  size: z.int().optional(),
  mtime: millis.optional(),
  sha256: sha256.optional(),
  /** The change that made it what it is. */
  seq,
  /** When and by whom, as far as the journal reaches back. */
  changedAt: millis.optional(),
  by: z.string().optional(),
  release: z.object({ id: seq, name: z.string() }).optional(),
  mirrors: z.array(fileAtMirror),
  /** At a master: the route that decides who gets it; null: none matches. Absent where the site has no routes. */
  route: route.nullable().optional(),
  groups: z.array(name),
  links: z.object({
    out: z.array(z.object({ target: z.string(), missing: z.boolean() })),
    in: z.array(sitePath),
    /** There are more of them. */
    more: z.boolean(),
  }),
});

/** What a path has held, the newest first. */
export const fileVersion = z.object({
  /** The change that brought it. */
  seq,
  at: millis,
  by: z.string(),
  size: z.int(),
  mtime: millis,
  sha256,
  /** It is what the path holds now. */
  current: z.boolean(),
  /** Its bytes are still here: it can be put back. */
  kept: z.boolean(),
});

/** A part of a name, in whatever case. */
export const namePart = z.string().trim().min(1).max(255);

export type FileState = z.output<typeof fileState>;
export type TreeRow = z.output<typeof treeRow>;
export type TreePage = z.output<typeof treePage>;
export type FileFacts = z.output<typeof fileFacts>;
export type FileAtMirror = z.output<typeof fileAtMirror>;
export type FileVersion = z.output<typeof fileVersion>;
