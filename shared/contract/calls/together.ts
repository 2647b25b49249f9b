import { z } from 'zod';
import { issue } from '../issue.ts';
import { glob, name, seq, sitePath } from '../primitives.ts';
import { comparison, folderPlan, release, releaseDetails, releaseName, rollbackPlan, together } from '../releases.ts';
import { fileGroup, setLink } from '../rules.ts';
import { fileVersion } from '../site-tree.ts';
import { call } from './call.ts';

/** Of what belongs together: groups, links, releases, and what paths have held. */
export const togetherCalls = {
  /** Groups, as mirrors are told them. */
  'group.list': call(z.strictObject({ site: name.optional() }), z.array(fileGroup.extend({ site: name }))),
  /** Rejects `group.exists`; `replace` changes one that is there. */
  'group.add': call(
    z.strictObject({
      site: name.optional(),
      group: fileGroup.omit({ committed: true }),
      replace: z.boolean().default(false),
    }),
    z.object({ site: name, name }),
  ),
  'group.remove': call(z.strictObject({ site: name.optional(), name }), z.object({ site: name, name })),
  /** Rule `release`: what has changed in it up to `seq` may appear. */
  'group.commit': call(z.strictObject({ site: name.optional(), name }), z.object({ site: name, name, seq })),
  /**
   * Links of the site: set by hand, then those found in its documents, by page; `missing`: those found that lead nowhere, by
   * target. `glob`: of pages or targets like this only.
   */
  'link.list': call(
    z.strictObject({
      site: name.optional(),
      kind: z.enum(['all', 'found', 'set', 'missing']).default('all'),
      glob: glob.optional(),
      limit: z.int().min(1).max(100_000).default(1000),
    }),
    z.array(
      z.object({
        site: name,
        /** The document; of a link that was set by hand the glob. */
        page: z.string(),
        /** A path; with a `/` at the end a folder, meaning its index. */
        target: z.string(),
        kind: z.enum(['found', 'set']),
        /** Nothing of that name is in the site; at a mirror: here. */
        missing: z.boolean(),
      }),
    ),
  ),
  'link.add': call(setLink.extend({ site: name.optional() }), setLink.extend({ site: name })),
  'link.remove': call(setLink.extend({ site: name.optional() }), setLink.extend({ site: name })),
  /** The newest first. */
  'release.list': call(
    z.strictObject({ site: name.optional(), limit: z.int().min(1).max(10_000).default(50) }),
    z.array(release),
  ),
  'release.show': call(z.strictObject({ site: name.optional(), release: seq }), releaseDetails),
  /**
   * Publishes a folder of the master's machine as one release, at rest too: it is copied within the process. `dryRun`: tells
   * what would be done. A drop (`publish.start`) goes through the FTP server.
   */
  'release.publish': call(
    z.strictObject({
      site: name.optional(),
      folder: z.string().min(1).max(4096),
      /** What is wrong with it is said in a sentence of its own (`release.bad-name`). */
      name: z.string().max(4096),
      /** The folder of the site that becomes like it; absent: the whole site. */
      into: sitePath.optional(),
      /** Of what stands in the folder only what has these names: files and folders that were dropped. Not with `delete`. */
      only: z
        .array(z.string().regex(/^(?!\.{1,2}$)[^/\0]{1,255}$/, issue('file-name')))
        .min(1)
        .max(1000)
        .optional(),
      /** What the site has and the folder has not goes. */
      delete: z.boolean().default(false),
      /** However much that is; without it too much is refused with `guard.held`. */
      allowDeletes: z.boolean().default(false),
      together: together.optional(),
      dryRun: z.boolean().default(false),
    }),
    /** No release: it was a dry run, or nothing differs. */
    z.object({ plan: folderPlan, release: release.optional() }),
  ),
  /** `force`: puts the earlier versions back although there are later ones. */
  'release.rollback': call(
    z.strictObject({
      site: name.optional(),
      release: seq,
      force: z.boolean().default(false),
      together: together.optional(),
    }),
    release,
  ),
  /** What `release.rollback` would do, without doing it. */
  'release.preview': call(z.strictObject({ site: name.optional(), release: seq }), rollbackPlan),
  /** At most 10,000 paths: `limit.exceeded` beyond. */
  'release.compare': call(z.strictObject({ site: name.optional(), from: seq, to: seq }), comparison),
  /** Gives the word for a release that waits for its mirrors. */
  'release.go': call(z.strictObject({ site: name.optional(), release: seq }), release),
  /** What a path has held, the newest first. */
  'version.list': call(
    z.strictObject({ site: name.optional(), path: sitePath, limit: z.int().min(1).max(1000).default(50) }),
    z.array(fileVersion),
  ),
  /** Puts what the change `seq` brought back to its path, as a release. Rejects `release.version-missing`. */
  'version.restore': call(
    z.strictObject({ site: name.optional(), path: sitePath, seq, name: releaseName.optional() }),
    release,
  ),
} as const;
