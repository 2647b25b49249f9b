import { z } from 'zod';
import { ROUTES_MAX } from './config.ts';
import {
  errorOfPeer,
  fingerprint,
  glob,
  journalId,
  millis,
  name,
  port,
  references,
  seq,
  sha256,
  sitePath,
  term,
  transferState,
  verdict,
  WAITING_ID_MAX,
} from './primitives.ts';
import { deepPeerState, deepTally } from './deep.ts';
import { siteRules } from './rules.ts';
import { waitingAtMirror } from './status.ts';
import { linkConditions } from './conditions.ts';

/**
 * What two installs say to each other: JSON messages over one WebSocket on TLS 1.3, both certificates pinned (SPEC §5).
 * Every message has a `type`. A message that does not parse ends the link.
 *
 * The order of a link's life: both send `hello` → for each site the mirror follows the master sends `notify`
 * (first what was missed, then what happens), or, where the cursor is of no use, `snapshotNeeded`, upon which the
 * mirror pulls pages with `snapshotWanted` → the mirror sends `received` once a message is durable, `states` as work goes on.
 */
export const LINK_PROTOCOL = 1;

/** One message on the wire, in bytes. A sender splits before it; a receiver closes the link beyond it. */
export const LINK_MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
/**
 * Bytes that wait for a peer to read them. Who has much to say looks at the backlog first, and waits: beyond this the peer does
 * not read, and the link ends.
 */
export const LINK_BACKLOG_BYTES_MAX = 16 * 1024 * 1024;
/** Items of one `notify`, `states` or snapshot page: with the longest paths, escaped in JSON, they still fit a message. */
export const LINK_ITEMS_MAX = 250;
/** Characters of paths and references in one message: a character takes three bytes at most. */
export const LINK_TEXT_MAX = 1024 * 1024;
/** Releases of one catch-up that went on in others, the newest. */
export const RELEASES_JOINED_MAX = 1000;
/** Paths of one of them. */
export const JOINED_PATHS_MAX = 10_000;
/** Things that wait, listed one by one for the master. */
export const WAITING_ITEMS_MAX = 100;

/**
 * What an install of this version understands beyond what all of this protocol do: it is named in `hello`, and what belongs to it
 * is said only to a peer that has named it, as a message that does not parse ends the link. `check`: the messages of thorough
 * checks. `leave`: `leave` and `left`. `drift`: what waits may be of that kind. `received`: `states` may say it too.
 */
export const LINK_UNDERSTOOD = ['check', 'leave', 'drift', 'received'] as const;
/** Entries that one `digestPage` stands for. */
export const DIGEST_ENTRIES_MAX = 2000;

/** Names one pairing of a mirror for a site: made up by the mirror when it shows the invitation. */
const pairing = z.base64url().max(64);
const content = { size: z.int().min(0), mtime: millis, sha256, refs: references.optional() };
const releaseTag = z.object({ last: seq, together: z.boolean().optional() });
const joinedRelease = z.object({
  release: seq,
  into: releaseTag,
  paths: z.array(sitePath).max(JOINED_PATHS_MAX).optional(),
});
const head = { seq, at: millis, path: sitePath, release: releaseTag.optional() };

export const changeItem = z.discriminatedUnion('op', [
  z.object({ op: z.literal('put'), ...head, ...content }),
  z.object({ op: z.literal('mkdir'), ...head }),
  z.object({ op: z.literal('delete'), ...head }),
  z.object({ op: z.literal('rmdir'), ...head }),
  z.object({
    op: z.literal('rename'),
    ...head,
    from: sitePath,
    kind: z.enum(['file', 'dir']),
    /** Of a file. */
    content: z.object(content).optional(),
  }),
]);

export const presentEntry = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), path: sitePath, seq, release: releaseTag.optional(), ...content }),
  z.object({ kind: z.literal('dir'), path: sitePath, seq, release: releaseTag.optional() }),
]);

/** What a mirror says of the disk that its folder is on. `free`: bytes, when the link was opened. */
export const mirrorDisk = z.object({
  windowsNames: z.boolean(),
  caseSensitive: z.boolean(),
  free: z.int().min(0).optional(),
});

/** How a mirror reaches the master's FTP server. The password was handed over at pairing and is never sent again. */
const ftpAddress = z.object({ port, tls: z.enum(['required', 'optional']), host: z.string().max(255).optional() });

export const linkMessage = z.discriminatedUnion('type', [
  /** Either side, first of all. A master names the sites that the peer may follow; a mirror its cursor in each. */
  z.object({
    type: z.literal('hello'),
    protocol: z.int(),
    node: z.object({ name, role: z.enum(['master', 'mirror']), version: z.string().max(32) }),
    now: millis,
    /** What the sender understands beyond the rest; see `LINK_UNDERSTOOD`. Words that are not known are passed over. */
    understands: z.array(z.string().max(32)).max(64).optional(),
    ftp: ftpAddress.optional(),
    /** Where this install can be dialled, if it says so. */
    link: z.object({ port }).optional(),
    /** Master only: what it asks of this mirror, for all its sites. Absent: nothing. */
    conditions: linkConditions.optional(),
    sites: z
      .array(
        z.object({
          site: name,
          journal: journalId.nullable(),
          /** Master: the head of the journal. Mirror: the last seq durably received. */
          seq,
          /** Mirror only: the term in which it was told `seq`; absent where it does not know. */
          term: term.optional(),
          /**
           * Mirror only, where it was told of more than its cursor tells: the last of it, perhaps of an index that it has not compared to
           * the end, or of what it had missed and has not heard to the end. It is no cursor; it tells whether the master's journal was put back.
           */
          told: z.object({ journal: journalId, seq, term }).optional(),
          /**
           * Mirror only, where less than `seq`: all changes up to here are known. What was missed since was not told to the end: of
           * a release after it a part may wait there, and what has overtaken the rest belongs to it.
           */
          knownTo: seq.optional(),
          /** Mirror only: everything up to here is published. */
          publishedSeq: seq.optional(),
          /** Mirror only: it leaves paths out by itself, so a rename must be told entry by entry. */
          filtered: z.boolean().optional(),
          /** Mirror only: what it has set for itself, or keeps to. Absent: no limits. */
          conditions: linkConditions.optional(),
          /** Mirror only: what the file system of its folder can hold. */
          disk: mirrorDisk.optional(),
        }),
      )
      .max(1000),
  }),
  /**
   * Master → mirror. All that the mirror must know of the journal from its cursor up to and including `through`.
   * Items may be fewer than seqs: routes leave some out, catch-up sends the latest change per path only.
   * In catch-up several items may share a seq, and `through` stays below a seq whose items are not all in the message.
   */
  z.object({
    type: z.literal('notify'),
    site: name,
    journal: journalId,
    mode: z.enum(['live', 'catch-up']),
    items: z.array(changeItem).max(LINK_ITEMS_MAX),
    through: seq,
    headSeq: seq,
    /** Of the journal as the master has it now: the mirror names it with its cursor. */
    term: term.optional(),
    /**
     * With what was missed: releases that newer ones have overtaken a part of, so that what the mirror may have heard of them before
     * goes on in those. `paths`: of what was heard as one with others, as in a snapshot, only this does; without them all of that.
     */
    joined: z.array(joinedRelease).max(RELEASES_JOINED_MAX).optional(),
  }),
  /**
   * Master → mirror: what belongs together from `seq` of the journal on. Sent before the first item of a link, and where it
   * changed between two items.
   */
  z.object({ type: z.literal('rules'), site: name, journal: journalId, seq, rules: siteRules }),
  /** Master → mirror: the release (by the seq of its last change) may be published by whoever has it. */
  z.object({ type: z.literal('releaseGo'), site: name, journal: journalId, release: seq }),
  /** Mirror → master: all of a release is here (`ready`), or shown (`published`), since `at` by the mirror's clock. */
  z.object({
    type: z.literal('releaseState'),
    site: name,
    journal: journalId,
    release: seq,
    state: z.enum(['ready', 'published']),
    at: millis,
  }),
  /** Mirror → master: what waits there and why, whenever that has changed. */
  z.object({
    type: z.literal('waiting'),
    site: name,
    journal: journalId,
    items: z.array(waitingAtMirror).max(WAITING_ITEMS_MAX),
    /** With those that are not listed. */
    total: z.int().min(0),
  }),
  /** Master → mirror: a person at the master decides about something that waits at the mirror. */
  z.object({
    type: z.literal('resolve'),
    site: name,
    id: z.string().max(WAITING_ID_MAX),
    how: z.enum(['publish', 'discard']),
    /** Of deletes that are held: the person was asked about so many files, and has said nothing of more. */
    count: z.int().min(0).optional(),
  }),
  /**
   * Master → mirror: changes of the site are announced to a multicast group too (SPEC §5). Announcements are sealed with
   * `secret` (32 bytes, base64) and signed by the master's identity. `offer` null: they are not any more.
   */
  z.object({
    type: z.literal('multicast'),
    site: name,
    journal: journalId,
    offer: z
      .object({
        group: z.string().max(64),
        port: z.int().min(1).max(65535),
        secret: z.base64().max(64),
        /** The mirror's own part: the first glob that matches decides; none: not for it. Absent: all is. */
        routes: z
          .array(z.object({ glob, wanted: z.boolean() }))
          .max(ROUTES_MAX)
          .optional(),
      })
      .nullable(),
  }),
  /** Mirror → master: announcements are heard. The master need not tell the same over the link, unless it must. */
  z.object({ type: z.literal('listening'), site: name, journal: journalId }),
  /** Mirror → master: announcements were missed after this seq: the link has to tell them. */
  z.object({ type: z.literal('behind'), site: name, journal: journalId, seq }),
  /**
   * Master → mirror: what it asks of this mirror from now on, for all its sites. A mirror that is paused fetches and publishes
   * nothing; it is told of nothing, and its cursor stands.
   */
  z.object({ type: z.literal('conditions'), conditions: linkConditions }),
  /** Mirror → master: what it has set for itself, or keeps to, from now on. Paused by itself it is told of nothing either. */
  z.object({ type: z.literal('ownConditions'), site: name, conditions: linkConditions }),
  /** Master → mirror: the mirror's cursor is of no use (foreign or cut journal): ask for the index, page by page. */
  z.object({ type: z.literal('snapshotNeeded'), site: name, journal: journalId, seq, term: term.optional() }),
  /** Mirror → master: the page after this path (`''`: the first). Pages are asked for one after the other, each once. */
  z.object({
    type: z.literal('snapshotWanted'),
    site: name,
    journal: journalId,
    after: z.union([z.literal(''), sitePath]),
  }),
  /**
   * Master → mirror: all that is there after `after` up to and including `through` and is routed to the mirror, in the order
   * of the paths' UTF-8 bytes. What the mirror has in that range and is not here is gone. The last page ends with all paths.
   */
  z.object({
    type: z.literal('snapshotPage'),
    site: name,
    journal: journalId,
    after: z.union([z.literal(''), sitePath]),
    through: z.union([z.literal(''), sitePath]),
    entries: z.array(presentEntry).max(LINK_ITEMS_MAX),
    /** Paths in that range that are gone with a release. Absent: an older master, which does not tell. */
    gone: z
      .array(z.object({ path: sitePath, release: releaseTag }))
      .max(LINK_ITEMS_MAX)
      .optional(),
    last: z.boolean(),
    /** Of the journal when the page was read. What is newer than the snapshot is told in part by it, and all of it after the last page. */
    headSeq: seq.optional(),
  }),
  /** Master → mirror (`check`): read all of your copy, compare it with mine, and say how it is; `mend` what differs; or `stop`. */
  z.object({ type: z.literal('checkWanted'), site: name, journal: journalId, how: z.enum(['look', 'mend', 'stop']) }),
  /** Mirror → master: how that check stands, each second, and how it ended. */
  z.object({
    type: z.literal('checkState'),
    site: name,
    journal: journalId,
    state: deepPeerState,
    tally: deepTally.optional(),
    error: errorOfPeer.optional(),
  }),
  /** Mirror → master (`check`): a digest of the index after this path. The next is asked for after the answer. */
  z.object({
    type: z.literal('digestWanted'),
    site: name,
    journal: journalId,
    after: z.union([z.literal(''), sitePath]),
  }),
  /**
   * Master → mirror: of all that is there after `after` up to and including `through`, and is routed to the mirror, as of the
   * change `seq`: SHA-256 over one line for each file, and each folder with nothing in it, in the order of the paths' UTF-8
   * bytes: `f PATH NUL SIZE SPACE MTIME SPACE SHA256 LF`, `d PATH LF`.
   */
  z.object({
    type: z.literal('digestPage'),
    site: name,
    journal: journalId,
    seq,
    after: z.union([z.literal(''), sitePath]),
    through: z.union([z.literal(''), sitePath]),
    last: z.boolean(),
    digest: sha256,
  }),
  /** Mirror → master (`check`): where a digest differs, the entries themselves, after `after` up to `through` (null: the end). */
  z.object({
    type: z.literal('entriesWanted'),
    site: name,
    journal: journalId,
    after: z.union([z.literal(''), sitePath]),
    through: sitePath.nullable(),
  }),
  /** Master → mirror: the first of them, as of the change `seq`; `last`: there are no more up to where it was asked. */
  z.object({
    type: z.literal('entriesPage'),
    site: name,
    journal: journalId,
    seq,
    after: z.union([z.literal(''), sitePath]),
    through: z.union([z.literal(''), sitePath]),
    entries: z.array(presentEntry).max(LINK_ITEMS_MAX),
    last: z.boolean(),
  }),
  /**
   * Mirror → master (`leave`): the site is not followed any more, by that pairing. Said again until it is answered. It may cross the
   * next pairing, which it does not end. Without a name: the pairing is an older version's.
   */
  z.object({ type: z.literal('leave'), site: name, pairing: pairing.optional() }),
  /** Master → mirror: that is known here; nothing of the site is told any more by that pairing. */
  z.object({ type: z.literal('left'), site: name, pairing: pairing.optional() }),
  /** Mirror → master: durable up to here. */
  z.object({ type: z.literal('received'), site: name, journal: journalId, seq }),
  /** Mirror → master: how the work stands. Sent when something changes, bundled under load. */
  z.object({
    type: z.literal('states'),
    site: name,
    journal: journalId,
    /** As in `received` (`received`): one message costs both ends half of two. */
    receivedSeq: seq.optional(),
    publishedSeq: seq,
    waiting: z.int().min(0),
    failing: z.int().min(0),
    held: z.int().min(0),
    items: z
      .array(
        z.object({
          seq,
          path: sitePath,
          state: transferState,
          verdict: verdict.optional(),
          receivedAt: millis.optional(),
          fetchedAt: millis.optional(),
          publishedAt: millis.optional(),
          bytes: z.int().min(0).optional(),
          error: errorOfPeer.optional(),
          nextAttemptAt: millis.optional(),
        }),
      )
      .max(LINK_ITEMS_MAX),
  }),
  /** Either side: why the link is about to be closed. */
  z.object({ type: z.literal('bye'), error: errorOfPeer }),
]);

export type MirrorDisk = z.output<typeof mirrorDisk>;
export type LinkMessage = z.output<typeof linkMessage>;
export type LinkMessageOf<T extends LinkMessage['type']> = Extract<LinkMessage, { type: T }>;

/** Mirror → master over `/pair`; beside `/pair/check` the only path that is open to an install that is not paired yet. */
export const pairRequest = z.object({
  protocol: z.int(),
  secret: z.string().max(64),
  node: z.object({ name, role: z.literal('mirror'), version: z.string().max(32) }),
  /** What the mirror calls this pairing; see `leave`. Absent: it is an older one. */
  pairing: pairing.optional(),
  /** The port at which the mirror can be dialled; absent where it wants to dial itself. */
  link: z.object({ host: z.string().max(255).optional(), port }).optional(),
});

/** Master → mirror: what the mirror needs from now on. */
export const pairReply = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    node: z.object({ id: fingerprint, name }),
    site: z.object({ name, journal: journalId }),
    ftp: ftpAddress.extend({ user: z.string().max(64), password: z.string().max(128) }),
    /** Who opens the link from now on. */
    dial: z.enum(['master', 'mirror']),
  }),
  z.object({ ok: z.literal(false), error: errorOfPeer }),
]);

/** Over `/pair/check`, from anybody who has a code: is it still good? It is not used up. */
export const pairCheck = z.object({ protocol: z.int(), secret: z.string().max(64) });

export const pairCheckReply = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), error: errorOfPeer }),
]);

export type PairRequest = z.output<typeof pairRequest>;
export type PairReply = z.output<typeof pairReply>;
