/** Limits of the FTP server that are not settings (those are `ftp.limits` of the configuration). */

/** One command line in bytes: the longest path in UTF-8, a verb and its options. */
export const LINE_BYTES_MAX = 4096 + 64;
/** Bytes of an over-long line that are skipped before the session is ended. */
export const LINE_SKIP_BYTES_MAX = 64 * 1024;
/** Commands that have been read and wait for their turn. Beyond it the client is not read, in a transfer it is cut. */
export const QUEUED_COMMANDS_MAX = 256;
/** The same before a login: strangers, all together, get no memory for theirs. */
export const QUEUED_BEFORE_LOGIN_MAX = 16;
/** Replies that the client does not read, in bytes. */
export const REPLY_BACKLOG_MAX = 1024 * 1024;
/** A session that has not logged in by then, or has sent so many commands, is ended. */
export const LOGIN_MILLIS = 60_000;
export const COMMANDS_BEFORE_LOGIN_MAX = 200;
/** Wrong passwords in one session. */
export const LOGIN_ATTEMPTS_MAX = 3;
export const TLS_HANDSHAKE_MILLIS = 20_000;
/** How long a data connection is waited for after the command that uses it, and a passive port after the one that opened it. */
export const DATA_CONNECT_MILLIS = 20_000;
export const PASSIVE_OPEN_MILLIS = 120_000;
/** What a client may leave open after the last byte was sent to it. */
export const DATA_LINGER_MILLIS = 5_000;
/** How long the data connection of a refused transfer stays after the reply; see `DataChannel.closeLater`. */
export const DATA_LEFT_MILLIS = 1_000;
/** The same of an upload that was given up (the disk is full, it is too large): of whoever is still sending the rest is thrown away. */
export const DATA_DISCARDED_MILLIS = 30_000;
/** Bytes of an upload that wait for the disk, or are being written; beyond it the data connection is not read. */
export const UPLOAD_BUFFER_BYTES = 2 * 1024 * 1024;
/** What is kept back from a TLS client that uploads: far more than session tickets. One that asks for more (an answer to each change of its keys) has to read it. */
export const HELD_BYTES_MAX = 64 * 1024;
/** The first read of a file that is sent; those after it fill large buffers. */
export const DOWNLOAD_FIRST_BYTES = 64 * 1024;
/** The same under a limit: so many pieces a second, but none smaller than this. */
export const PACED_READS_PER_SECOND = 8;
export const PACED_READ_BYTES_MIN = 4096;
/** Text of a listing that is put together before it is sent. */
export const LISTING_CHUNK_CHARACTERS = 64 * 1024;
/** Entries of a listing that are put in order before it is sent; of longer ones few are in memory at a time. */
export const LISTING_SORTED_ENTRIES = 1000;
/** Entries of a listing in a reply (STAT of a folder). */
export const STAT_ENTRIES_MAX = 1000;
/** How long `stop()` waits for commits that are under way and for sessions to say goodbye. */
export const STOP_MILLIS = 5_000;

/**
 * How long the control connection must outlive the end of the data connection before an upload counts as complete, where nothing
 * else tells its size (SPEC §3). A client that is killed ends both, but its system may be busy between the two. The wait runs beside
 * the flush. Clients read files in blocks and the last block is mostly a short one: what ends in mid-block has very
 * likely ended, and waits less than what ends with a whole block or was converted line by line (TYPE A).
 *
 * Measured with `kill -9` in mid-upload over loopback, Linux, two processors, a client that writes whole blocks with
 * rests: taken for complete were, of 300 without load, with a wait of 0, 2, 5 ms: 8, 0, 0; of 200 beside three processes that compute: 8, 3, 0;
 * of 600 beside six, with 5, 10, 20, 25 ms: 2, 1, 0, 0. Clients that write as fast as they can (1,500) and clients with TLS (900)
 * were recognised each time, also without a wait. At a load of 9 for each processor the second end came, of 1,000, 68 times more than 25 ms after
 * the first, 22 times 50, 5 times 100 and never 200: so the wait grows with the load.
 */
export const GRACE_WHOLE_BLOCK_MILLIS = 25;
export const GRACE_SHORT_BLOCK_MILLIS = 5;
/** So many times as long is waited at most where this machine is busy. */
export const GRACE_TIMES_MAX = 10;
/** The smallest block that clients read. */
export const CLIENT_BLOCK_BYTES = 512;
/** Uploads up to this size went out in one segment: being killed between first and last byte needs no waiting for. */
export const TINY_UPLOAD_BYTES = 4096;
