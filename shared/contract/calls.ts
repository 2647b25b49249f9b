import { z } from 'zod';
import { limits, limitsChange } from './conditions.ts';
import { ROUTES_MAX, route } from './config.ts';
import { deepReport } from './deep.ts';
import { doctorReport } from './doctor.ts';
import { issue } from './issue.ts';
import { LIVE_ROWS_MAX, livePast, liveSnapshot } from './live.ts';
import { drifted, ended, followChange, followed, peerName, routePreview } from './peers.ts';
import {
  errorJson,
  fingerprint,
  glob,
  historyPlace,
  millis,
  name,
  port,
  seq,
  sha256,
  sitePath,
  takeOver,
  transferState,
} from './primitives.ts';
import {
  publishJob,
  publishOrder,
  publishPlan,
  publishStart,
  target,
  targetPassword,
  targetPlace,
  targetTest,
} from './publishing.ts';
import { comparison, folderPlan, release, releaseDetails, releaseName, rollbackPlan, together } from './releases.ts';
import { fileGroup, setLink } from './rules.ts';
import { configChanges, configView, siteChanges } from './config-changes.ts';
import { LOG_LINES_MAX, logLevel, logPage, recordedLevel } from './log.ts';
import { fileFacts, fileVersion, namePart, siteFolder, treePage, treePlace } from './site-tree.ts';
import { historyOp, historyPageRow, historyRow, status, waitingItem } from './status.ts';
import { IMPORT_ENTRIES_MAX, IMPORT_LENGTH_MAX, targetImport } from './target-import.ts';

/** Files and folders that stand in the folder of a published site and cannot be published; absent: none. The first of them wait. */
const unfit = z.int().min(1);
const accountPassword = z.string().min(8).max(256);

/**
 * What the interface and the command line can ask of an engine: a name, its parameters, its result.
 * The same calls work on a running engine (through the console listener) and on a data folder at rest.
 */
export const calls = {
  'node.status': call(z.strictObject({}), status),
  /** Rejects `site.root-clash`, `site.root-data`, `site.root-taken`, `site.root-used`. */
  'site.add': call(
    z.strictObject({ name, root: z.string().min(1), watch: z.boolean().default(false), takeOver }),
    z.object({ name, root: z.string(), unfit: unfit.optional() }),
  ),
  /** What goes, or with `dryRun` would go. The files stay, here and at the mirrors. */
  'site.remove': call(
    z.strictObject({ name, dryRun: z.boolean().default(false) }),
    z.object({ name, files: z.int(), mirrors: z.array(z.string()), accounts: z.int() }),
  ),
  /** What is absent stays as it is. */
  'site.set': call(siteChanges.extend({ name }), z.object({ name })),
  'config.get': call(z.strictObject({}), configView),
  /**
   * In force when it resolves, also where others connect. Rejects `config.changed` where the file is not of the `revision` that
   * was seen, and `port.*` where it cannot be listened there: then nothing is changed.
   */
  'config.set': call(z.strictObject({ revision: sha256.optional(), changes: configChanges }), configView),
  /** Where the console opens, with its token: it lets in whoever has it. */
  'console.address': call(z.strictObject({}), z.object({ url: z.string() })),
  /** `allowDeletes`: journals deletes however many there are; without it too many are refused with `guard.held`. */
  'site.rescan': call(
    z.strictObject({ name, allowDeletes: z.boolean().default(false) }),
    z.object({ found: z.int(), changed: z.int(), unfit: unfit.optional() }),
  ),
  /** One folder of a site's index, page by page: the next one begins `after` the place at which this one ended. In what follows `site` may be absent where there is one only. */
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
  'pairing.invite': call(
    z.strictObject({
      site: name.optional(),
      expiresSeconds: z
        .int()
        .min(10)
        .max(7 * 86400)
        .default(600),
      /** The address that the mirror will dial, where the listener's own is of no use (0.0.0.0, NAT). */
      address: z.object({ host: z.string(), port }).optional(),
    }),
    z.object({
      code: z.string(),
      site: name,
      expiresAt: z.int(),
      /** `host:port`, where the mirror will look for this master, in this order. */
      addresses: z.array(z.string()),
    }),
  ),
  /** `host:port`, where others may reach this install: what an invitation holds where no address is given. */
  'pairing.addresses': call(z.strictObject({}), z.object({ addresses: z.array(z.string()) })),
  /** Reads a code and looks whether its master answers, from this machine. Uses the code not up, and writes nothing. */
  'pairing.check': call(
    z.strictObject({ code: z.string().max(2048) }),
    z.object({
      site: name,
      /** The master's fingerprint. */
      master: fingerprint,
      expiresAt: millis,
      /** `error`: why it does not answer there; absent where another answered first. */
      addresses: z.array(z.object({ address: z.string(), answers: z.boolean(), error: errorJson.optional() })),
      /** The one at which it answered. */
      reached: z.string().nullable(),
    }),
  ),
  /** Rejects `pair.*`, and as `site.add`: then the code is not used up. */
  'pairing.join': call(
    z.strictObject({
      code: z.string().max(2048),
      root: z.string().min(1),
      dial: z.enum(['master', 'mirror']).optional(),
      takeOver,
    }),
    z.object({
      site: name,
      master: z.object({ id: fingerprint, name }),
      root: z.string(),
      dial: z.enum(['master', 'mirror']),
    }),
  ),
  'peer.list': call(
    z.strictObject({}),
    z.array(
      z.object({
        id: fingerprint,
        name,
        role: z.enum(['master', 'mirror']),
        address: z.string().nullable(),
        dial: z.enum(['master', 'mirror']),
        sites: z.array(name),
        /** Of a mirror, at its master: what this master asks of it. Absent: nothing. */
        limits: limits.optional(),
        /** Of a mirror, at its master: paused by itself since then, whatever else is paused. */
        pausedAt: millis.optional(),
      }),
    ),
  ),
  /** Ends the pairing. `dryRun`: tells what would end, and does nothing. */
  'peer.remove': call(z.strictObject({ peer: peerName, dryRun: z.boolean().default(false) }), ended),
  /** Opens the link now, whatever the back-off says; without effect while it is open. Rejects `peer.dials-us`. */
  'peer.dial': call(z.strictObject({ peer: peerName }), z.object({ name })),
  /** Master: the mirror is told of nothing and fetches nothing until it is resumed; its place in the journal stands. */
  'peer.pause': call(z.strictObject({ peer: peerName }), z.object({ name, pausedAt: millis })),
  'peer.resume': call(z.strictObject({ peer: peerName }), z.object({ name })),
  /** Master: what the mirror is asked to keep to; the FTP server keeps to the rate in any case. */
  'peer.limit': call(limitsChange.extend({ peer: peerName }), z.object({ name, limits })),
  /** The sites that this mirror follows, each with all that is set for it. In what follows `site` may be absent where there is one only. */
  'follow.list': call(z.strictObject({}), z.array(followed)),
  /** What is absent stays as it is; null takes a limit away. In force at once. */
  'follow.set': call(followChange, followed),
  'follow.pause': call(z.strictObject({ site: name.optional() }), z.object({ site: name, pausedAt: millis })),
  'follow.resume': call(z.strictObject({ site: name.optional() }), z.object({ site: name })),
  /** Follows it no longer; the pairing ends with the last site of a master. `dryRun`: tells what would end, and does nothing. */
  'follow.remove': call(z.strictObject({ site: name.optional(), dryRun: z.boolean().default(false) }), ended),
  /** What somebody else has changed at this mirror: `waiting.resolve` decides about what was found. */
  'follow.drift': call(
    z.strictObject({ site: name.optional(), limit: z.int().min(1).max(10_000).default(200) }),
    z.array(drifted),
  ),
  /** Looks at all that this install needs of its machine and network; with a peer, at the link to it. Reaches out to peers. */
  'node.doctor': call(z.strictObject({ peer: peerName.optional() }), doctorReport),
  /**
   * Reads all of a site (of all sites, where none is named), and compares it with the index and with the other ends: begins it, or
   * joins what is under way. `mend`: what differs is fetched again, at a master journalled.
   */
  'deep.start': call(z.strictObject({ site: name.optional(), mend: z.boolean().default(false) }), z.array(deepReport)),
  /** The checks that run, and the last one of each site, since this install was started. */
  'deep.list': call(z.strictObject({}), z.array(deepReport)),
  /** Resolves when they have ended. What was mended by then stays so. */
  'deep.cancel': call(z.strictObject({ site: name.optional() }), z.array(deepReport)),
  /** Everything: at a master all its mirrors, at a mirror all that it follows. Those that were paused by themselves stay so. */
  'node.pause': call(z.strictObject({}), z.object({ pausedAt: millis })),
  'node.resume': call(z.strictObject({}), z.object({})),
  'history.list': call(
    z.strictObject({
      site: name.optional(),
      glob: glob.optional(),
      /** As in `history.page`. */
      since: millis.optional(),
      until: millis.optional(),
      op: historyOp.optional(),
      states: z.array(transferState).min(1).max(8).optional(),
      peer: z.string().max(100).optional(),
      limit: z.int().min(1).max(100_000).default(200),
    }),
    z.array(historyRow),
  ),
  /**
   * The history page by page, the newest first, whatever is added meanwhile: the next page begins `before` the place at
   * which this one ended. A page looks at a bounded number of rows, so of a rare kind it may hold few, or none, and yet
   * not be the last.
   */
  'history.page': call(
    z.strictObject({
      site: name.optional(),
      glob: glob.optional(),
      /** From then on, and up to then. At a mirror: when it was told. */
      since: millis.optional(),
      until: millis.optional(),
      op: historyOp.optional(),
      /** It is at one of these with a mirror, or with `peer`. */
      states: z.array(transferState).min(1).max(8).optional(),
      peer: z.string().max(100).optional(),
      before: historyPlace.optional(),
      limit: z.int().min(1).max(1000).default(200),
    }),
    z.object({
      rows: z.array(historyPageRow),
      /** Absent: there is nothing older. */
      next: historyPlace.optional(),
      /** The time of the oldest change that was looked at. */
      lookedBackTo: millis.optional(),
      /** Of the first page: about how many changes there are of this site and time, whatever else is asked for. */
      about: z.int().optional(),
    }),
  ),
  /** The latest changes of a site, and the revision of the live batches that comes after them; see live.ts. */
  'live.snapshot': call(
    z.strictObject({ site: name, limit: z.int().min(1).max(LIVE_ROWS_MAX).default(LIVE_ROWS_MAX) }),
    liveSnapshot,
  ),
  /** What happened before the change `before` (absent: up to now), in columns; looks back as far as a day, in bounds. */
  'live.past': call(z.strictObject({ site: name, before: seq.optional() }), livePast),
  'waiting.list': call(z.strictObject({}), z.array(waitingItem)),
  /** Lets go of what is held (`publish`), tries a failing transfer at once, or gives it up (`discard`). */
  'waiting.resolve': call(
    z.strictObject({ id: z.string(), how: z.enum(['publish', 'discard']) }),
    z.object({ id: z.string() }),
  ),
  /** Groups, as mirrors are told them. In what follows `site` may be absent where there is one only. */
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
  'route.list': call(z.strictObject({ site: name.optional() }), z.array(route)),
  /**
   * First match wins. An empty list: every mirror gets everything. Rejects `route.unknown-mirror` for a name that no mirror has, and
   * that no route has named before; `force`: it will be paired later.
   */
  'route.set': call(
    z.strictObject({
      site: name.optional(),
      routes: z.array(route).max(ROUTES_MAX),
      force: z.boolean().default(false),
    }),
    z.array(route),
  ),
  /** Puts it at that place, counted from 1; absent: last. Rejects `route.exists`, and as `route.set`. All routes then. */
  'route.add': call(
    z.strictObject({
      site: name.optional(),
      route,
      at: z.int().min(1).optional(),
      force: z.boolean().default(false),
    }),
    z.array(route),
  ),
  'route.remove': call(z.strictObject({ site: name.optional(), glob }), z.array(route)),
  /** What these routes would mean for the files that are there: who would lose and gain how many. Changes nothing. */
  'route.preview': call(
    z.strictObject({ site: name.optional(), routes: z.array(route).max(ROUTES_MAX) }),
    routePreview,
  ),
  /** Who gets this path, and by which route. */
  'route.test': call(
    z.strictObject({ site: name.optional(), path: sitePath }),
    z.object({ path: sitePath, route: route.nullable(), mirrors: z.array(z.string()) }),
  ),
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
  /** What a drop would change. Nothing is changed; a target is looked at over FTP. */
  'publish.plan': call(z.strictObject(publishOrder), publishPlan),
  /** Begins a drop, or puts it behind the one for the same place. It goes on whatever becomes of who asked. */
  'publish.start': call(z.strictObject(publishStart), publishJob),
  /** Those that run and wait, and the last ones that have ended, in the order in which they were started. */
  'publish.list': call(z.strictObject({}), z.array(publishJob)),
  /** Resolves when nothing of it can become visible any more. Rejects `publish.ended` where it is too late. */
  'publish.cancel': call(z.strictObject({ job: z.string().max(64) }), publishJob),
  /** One that has stopped goes on where it stopped. */
  'publish.resume': call(
    z.strictObject({ job: z.string().max(64), allowDeletes: z.boolean().default(false) }),
    publishJob,
  ),
  /** Forgets one that has ended. */
  'publish.dismiss': call(z.strictObject({ job: z.string().max(64) }), z.object({ job: z.string() })),
  'target.list': call(z.strictObject({}), z.array(target)),
  /**
   * Saves an FTP server. `remember` false: its password is kept until this run ends. `replace`: one of that name may be there;
   * without a password it keeps the one that it had. Rejects `target.exists`, `secret.unprotected`.
   */
  'target.add': call(
    z.strictObject({
      target: targetPlace,
      password: targetPassword.optional(),
      remember: z.boolean().default(true),
      replace: z.boolean().default(false),
    }),
    target,
  ),
  'target.remove': call(z.strictObject({ name }), z.object({ name })),
  /**
   * Connects, logs in and looks: a saved one by its `name`, or one that is not saved yet (`target`; without a password: with
   * that of the saved one of its name). The password is not sent before the
   * certificate is trusted.
   */
  'target.test': call(
    z.strictObject({ name: name.optional(), target: targetPlace.optional(), password: targetPassword.optional() }),
    targetTest,
  ),
  /**
   * Saves the logins of a file (FileZilla, netrc), under names that no target has; `only`: those of these names, or
   * nothing where one is not in the file. `dryRun`: what would be saved. Rejects `import.*`, `secret.unprotected`.
   */
  'target.import': call(
    z.strictObject({
      text: z.string().max(IMPORT_LENGTH_MAX),
      only: z.array(name).max(IMPORT_ENTRIES_MAX).optional(),
      dryRun: z.boolean().default(false),
    }),
    targetImport,
  ),
  /** The last lines of the log, or those after one that is known. Rejects `node.not-running` at rest. */
  'log.page': call(
    z.strictObject({
      after: z.int().min(0).optional(),
      limit: z.int().min(1).max(LOG_LINES_MAX).default(1000),
      level: logLevel.optional(),
    }),
    logPage,
  ),
  /** What is recorded from now on, until the next start. */
  'log.record': call(z.strictObject({ level: recordedLevel }), z.object({ level: recordedLevel })),
  'step.seq': call(z.strictObject({}), z.object({ sites: z.array(z.object({ name, headSeq: seq })) })),
} as const;

export type CallName = keyof typeof calls;
export type CallParams<N extends CallName> = z.input<(typeof calls)[N]['params']>;
export type CallResult<N extends CallName> = z.output<(typeof calls)[N]['result']>;

function call<P extends z.ZodType, R extends z.ZodType>(params: P, result: R): { params: P; result: R } {
  return { params, result };
}
