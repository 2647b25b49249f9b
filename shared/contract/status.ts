import { z } from 'zod';
import {
  errorJson,
  errorOfPeer,
  fingerprint,
  historyPlace,
  journalId,
  millis,
  name,
  port,
  seq,
  sitePath,
  transferState,
  verdict,
  WAITING_ID_MAX,
  WAITING_PLACE_MAX,
} from './primitives.ts';

import { paused, conditionsInForce } from './conditions.ts';
import { hookStatus } from './hooks.ts';

const address = z.object({ host: z.string(), port });

/** One peer of a site. At a master: a mirror. At a mirror: its master. */
export const peerStatus = z.object({
  name,
  id: fingerprint,
  connected: z.boolean(),
  /** When the peer was last heard of; absent: never. At rest this, and all else of it, is of the last time that the link was open. */
  lastSeenAt: millis.optional(),
  /** The peer's clock less ours when its link was opened; absent: it has not been open since this install was started. */
  clockAheadMillis: z.int().optional(),
  receivedSeq: seq,
  publishedSeq: seq,
  inStep: z.boolean(),
  /** Changes that are not published yet, of these such as fail, and such as wait for a person. */
  waiting: z.int(),
  failing: z.int(),
  held: z.int(),
  /** Published files that somebody else has changed or removed there since, and that wait for a person; in step it is all the same. Absent: none is known. */
  drifted: z.int().min(1).optional(),
  /** Why nothing at all is published there: its folder is not there, or another one is. Absent: it is, or this is a mirror's own status, whose site tells it. */
  stopped: errorJson.optional(),
  /** Why the link is down. */
  error: errorJson.optional(),
  /** When the link is dialled again; absent: it is up, or the peer dials. */
  nextAttemptAt: millis.optional(),
  /** The version of Lockstep that it runs; absent: the link has not been open since this install was started. */
  version: z.string().optional(),
  /** It fetches and publishes nothing until it is resumed; it is not in step. */
  paused: paused.optional(),
  /** Under which conditions the mirror fetches; absent: there are none. */
  conditions: conditionsInForce.optional(),
  /** The way there and back over the link, in milliseconds; absent: it is down, or has just been opened. */
  roundTripMillis: z.number().optional(),
  /** From a change to when it is visible at the mirror, in milliseconds: the median of the last; absent: none since the start. */
  lagMillis: z.number().optional(),
  /** Over the last ten seconds: changes that became visible there, and bytes of files that it fetched. At a mirror: here. */
  changesPerSecond: z.number().optional(),
  bytesPerSecond: z.number().optional(),
  /** How long ago the oldest change was made that is not visible there, in milliseconds; absent: there is none. */
  behindMillis: z.int().min(0).optional(),
  /** Since this install was started: changes that became visible there, bytes of files that it fetched, and attempts that failed. */
  totals: z.object({ published: z.int(), bytes: z.int(), failures: z.int() }).optional(),
});

/** Something at a mirror that does not go on by itself, or not yet: why, for what, since when, until when. */
export const waitingAtMirror = z.object({
  id: z.string().max(WAITING_ID_MAX),
  kind: z.enum(['delete-guard', 'failing', 'group', 'release', 'link', 'drift', 'writing']),
  /** Of several the first; `files` tells how many. */
  path: z.string().max(4096).optional(),
  files: z.int().min(1).optional(),
  /** Why: a failure, or one of the codes `wait.*`. */
  error: errorOfPeer,
  /** What has to come, as far as it is known by name; a few of many. */
  waitsFor: z.array(z.string().max(4096)).max(20).optional(),
  since: millis,
  /** What is there by then is published as it is. Absent: it waits until what it waits for has come, or for a person. */
  until: millis.optional(),
  nextAttemptAt: millis.optional(),
});

/** The same in the list of an install: at a master `peer` names the mirror at which it waits; absent: here. Its id holds these names too. */
export const waitingItem = waitingAtMirror.extend({
  id: z.string().max(WAITING_PLACE_MAX),
  error: errorJson,
  site: name,
  peer: name.optional(),
});

/** Addresses, and accounts, of which a status tells at most so many. */
export const LOCK_OUTS_TOLD = 50;

/**
 * Who is kept out of the FTP server after too many wrong passwords, and until when: an address (of IPv6 its /64), or an account, of
 * which passwords are looked at one by one except from addresses that it has been used from before. Mirrors are never kept out.
 */
const lockOut = z.object({
  kind: z.enum(['address', 'account']),
  who: z.string(),
  until: millis,
  /** Of an address: the account that was tried last, where there is one of that name. */
  tried: z.string().optional(),
});

/** `lockstep status --json`. Keys are only ever added. */
export const status = z.object({
  node: z.object({
    id: fingerprint,
    name,
    role: z.enum(['master', 'mirror']),
    pid: z.int().nullable(),
    version: z.string(),
  }),
  running: z.boolean(),
  listeners: z.object({
    ftp: address.extend({ tls: z.enum(['required', 'optional']) }).nullable(),
    link: address.nullable(),
    console: address.extend({ url: z.string() }).nullable(),
  }),
  /** Since when everything is paused here; absent: it is not. */
  pausedAt: millis.optional(),
  sites: z.array(
    z.object({
      name,
      root: z.string(),
      journal: journalId.nullable(),
      headSeq: seq,
      files: z.int(),
      /** Why nothing of it is published just now: its folder is not there, say. It goes on by itself when that is over. */
      error: errorJson.optional(),
      peers: z.array(peerStatus),
      /** At a master: mirrors that have said in the last 30 days that they follow the site no longer. Absent: none. */
      left: z.array(z.object({ name: z.string(), at: millis })).optional(),
      /** Over the last ten seconds: changes of the site (at a mirror: heard of), and bytes of uploads. */
      changesPerSecond: z.number().optional(),
      bytesPerSecond: z.number().optional(),
    }),
  ),
  waiting: z.array(waitingItem),
  /** Why `config.json` as it stands is not in force; that of before is. Absent: it is, or the install is at rest. */
  configFault: errorJson.optional(),
  /** Why `ftp.certificate` is not in force, or has expired. Absent: it is, there is none, or the install is at rest. */
  certificateFault: errorJson.optional(),
  /** Absent: there are none, or the install is at rest. */
  hooks: z.array(hookStatus).optional(),
  /** At a master, the latest first. Absent: nobody is. */
  lockOuts: z.array(lockOut).optional(),
});

export const historyOp = z.enum(['put', 'delete', 'rename', 'mkdir', 'rmdir', 'aborted']);

/** One row of `lockstep history --json`: a change, and what became of it at each mirror (at a mirror: here). */
export const historyRow = z.object({
  site: name,
  /** Absent for an upload that was broken off, which never became a change; and at a mirror, of a journal that it follows no more. */
  seq: seq.optional(),
  op: historyOp,
  path: sitePath,
  from: sitePath.optional(),
  size: z.int().optional(),
  at: millis,
  /** Account that made the change; `scan` for one found in the tree. Known at the master only. */
  by: z.string().optional(),
  error: errorJson.optional(),
  /** The seq of the last change of the release that it belongs to. Known at the master only. */
  release: seq.optional(),
  deliveries: z.array(
    z.object({
      /** The mirror's name. */
      peer: z.string(),
      state: transferState,
      verdict: verdict.optional(),
      notifiedAt: millis.optional(),
      receivedAt: millis.optional(),
      fetchedAt: millis.optional(),
      publishedAt: millis.optional(),
      bytes: z.int().optional(),
      attempts: z.int().optional(),
      error: errorJson.optional(),
      nextAttemptAt: millis.optional(),
    }),
  ),
});

/** The same with what tells it from all others. */
export const historyPageRow = historyRow.extend({ id: historyPlace });

export type LockOut = z.output<typeof lockOut>;
export type Status = z.output<typeof status>;
export type PeerStatus = z.output<typeof peerStatus>;
export type WaitingAtMirror = z.output<typeof waitingAtMirror>;
export type WaitingItem = z.output<typeof waitingItem>;
export type HistoryRow = z.output<typeof historyRow>;
export type HistoryPageRow = z.output<typeof historyPageRow>;
