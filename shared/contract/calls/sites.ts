import { z } from 'zod';
import { glob, name, sitePath, takeOver } from '../primitives.ts';
import { siteChanges } from '../config-changes.ts';
import { fileFacts, namePart, siteFolder, treePage, treePlace } from '../site-tree.ts';
import { call } from './call.ts';

/** Files and folders that stand in the folder of a published site and cannot be published; absent: none. The first of them wait. */
const unfit = z.int().min(1);
/** Symbolic links, which are not published either; absent: none. The doctor names the first, the log all. */
const links = z.int().min(1);
const accountPassword = z.string().min(8).max(256);

/** Of the sites, what is in them, and the accounts that publish them. */
export const siteCalls = {
  /** Rejects `site.root-clash`, `site.root-data`, `site.root-taken`, `site.root-used`. */
  'site.add': call(
    z.strictObject({ name, root: z.string().min(1), watch: z.boolean().default(false), takeOver }),
    z.object({ name, root: z.string(), unfit: unfit.optional(), links: links.optional() }),
  ),
  /** What goes, or with `dryRun` would go. The files stay, here and at the mirrors. */
  'site.remove': call(
    z.strictObject({ name, dryRun: z.boolean().default(false) }),
    z.object({ name, files: z.int(), mirrors: z.array(z.string()), accounts: z.int() }),
  ),
  /** What is absent stays as it is. `root`: where its folder was moved to. Rejects `site.root-elsewhere`, and as `site.add` does. */
  'site.set': call(siteChanges.extend({ name, root: z.string().min(1).optional() }), z.object({ name })),
  /** `allowDeletes`: journals deletes however many there are; without it too many are refused with `guard.held`. */
  'site.rescan': call(
    z.strictObject({ name, allowDeletes: z.boolean().default(false) }),
    z.object({ found: z.int(), changed: z.int(), unfit: unfit.optional(), links: links.optional() }),
  ),
  /** One folder of a site's index, page by page: the next one begins `after` the place at which this one ended. */
  'site.browse': call(
    z.strictObject({
      site: name.optional(),
      folder: siteFolder.prefault(''),
      after: treePlace.optional(),
      limit: z.int().min(1).max(1000).default(200),
    }),
    treePage,
  ),
  /** Files and folders below a folder, by a pattern for their paths, or by a part of them in whatever case. Pages as above. */
  'site.find': call(
    z.strictObject({
      site: name.optional(),
      folder: siteFolder.prefault(''),
      glob: glob.optional(),
      part: namePart.optional(),
      after: treePlace.optional(),
      limit: z.int().min(1).max(1000).default(200),
    }),
    treePage,
  ),
  /** All that is known of one path. Rejects `file.not-found`. */
  'site.file': call(z.strictObject({ site: name.optional(), path: sitePath }), fileFacts),
  /**
   * Whether a folder of the engine's machine can be a site's: to be published, or to be filled by a mirror. Writes nothing.
   * Rejects as `site.add`.
   */
  'folder.check': call(
    z.strictObject({ root: z.string().min(1).max(4096), use: z.enum(['publish', 'follow']), takeOver }),
    z.object({
      root: z.string(),
      is: z.enum(['absent', 'empty', 'filled']),
      /** Files and folders right in it, counted up to 1000. */
      entries: z.int(),
    }),
  ),
  'account.add': call(
    z.strictObject({
      user: name,
      site: name,
      /** A folder of the site that the account is kept to; '' is the whole site. */
      folder: z.string().max(3072).default(''),
      /** Outside of a release it changes nothing: a client that logs in again by itself does not go on file by file. */
      releasesOnly: z.boolean().default(false),
      password: accountPassword,
    }),
    z.object({ user: name }),
  ),
  'account.list': call(
    z.strictObject({}),
    z.array(
      z.object({
        user: z.string(),
        site: name,
        folder: z.string(),
        kind: z.enum(['publisher', 'mirror']),
        /** Whose it is: the name of a mirror. */
        mirror: name.optional(),
        releasesOnly: z.boolean(),
      }),
    ),
  ),
  /** Ends the sessions of the account. Rejects `account.unknown` for one of a mirror too. */
  'account.password': call(
    z.strictObject({ user: z.string(), password: accountPassword }),
    z.object({ user: z.string() }),
  ),
  /** An address or an account that is kept out after too many wrong passwords. Rejects `account.not-locked`. */
  'account.unlock': call(z.strictObject({ who: z.string().min(1).max(256) }), z.object({ who: z.string() })),
  'account.remove': call(z.strictObject({ user: z.string() }), z.object({ user: z.string() })),
} as const;
