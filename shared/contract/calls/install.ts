import { z } from 'zod';
import { deepReport } from '../deep.ts';
import { doctorReport } from '../doctor.ts';
import { peerName } from '../peers.ts';
import { errorJson, millis, name, seq, sha256 } from '../primitives.ts';
import { configChanges, configView } from '../config-changes.ts';
import { LOG_LINES_MAX, logLevel, logPage, recordedLevel } from '../log.ts';
import { status } from '../status.ts';
import { call } from './call.ts';

const shownCertificate = z.object({
  /** SHA-256 of it. */
  fingerprint: sha256,
  from: millis,
  until: millis,
});

/** Of the install itself: its status, its configuration, its log, and checks of all that it has. */
export const installCalls = {
  'node.status': call(z.strictObject({}), status),
  'config.get': call(z.strictObject({}), configView),
  /**
   * In force when it resolves, also where others connect. Rejects `config.changed` where the file is not of the `revision` that
   * was seen, and `port.*` where it cannot be listened there: then nothing is changed.
   */
  'config.set': call(z.strictObject({ revision: sha256.optional(), changes: configChanges }), configView),
  /** Where the console opens, with its token: it lets in whoever has it. */
  'console.address': call(z.strictObject({}), z.object({ url: z.string() })),
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
  /** By which others know this install, and the one that FTP clients are shown where the config names another: or why it cannot be. */
  'node.certificates': call(
    z.strictObject({}),
    z.object({
      own: shownCertificate,
      ftp: z.object({ file: z.string(), shown: shownCertificate.optional(), error: errorJson.optional() }).optional(),
    }),
  ),
  /** Writes a backup to a new file of this machine, absolute; what runs goes on meanwhile. Rejects `backup.*`, `file.*`. */
  'node.backup': call(
    z.strictObject({ file: z.string().min(1).max(4096) }),
    z.object({ file: z.string(), bytes: z.int(), notSaved: z.array(z.string()).readonly() }),
  ),
  /** Everything: at a master all its mirrors, at a mirror all that it follows. Those that were paused by themselves stay so. */
  'node.pause': call(z.strictObject({}), z.object({ pausedAt: millis })),
  'node.resume': call(z.strictObject({}), z.object({})),
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
