/** Times are milliseconds since 1970, hashes hexadecimal SHA-256, paths as in `SitePath`. JSON columns are parsed with zod. */
export const initial = `
CREATE TABLE site (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  -- The journal's id: at a master its own, at a mirror its master's; NULL until the first snapshot is complete.
  journal TEXT,
  -- At a master the head of the journal, at a mirror the last seq durably received.
  seq INTEGER NOT NULL DEFAULT 0,
  -- At a master: tombstones and journal rows at or below have been dropped.
  floor INTEGER NOT NULL DEFAULT 0,
  -- At a mirror: the paths that it left out when it last compared with the whole index.
  filter TEXT,
  -- What belongs together: JSON of SiteRules, and the seq of the journal from which on it holds.
  rules TEXT,
  rules_seq INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The index: what the tree holds. At a master as of the journal's head, at a mirror what is published.
CREATE TABLE entry (
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('file', 'dir', 'gone')),
  size INTEGER, mtime INTEGER, sha256 TEXT,
  seq INTEGER NOT NULL,
  PRIMARY KEY (site, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_by_seq ON entry (site, seq, path);
CREATE INDEX entry_by_hash ON entry (site, sha256) WHERE kind = 'file';

CREATE TABLE journal (
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  op TEXT NOT NULL,
  path TEXT NOT NULL,
  origin TEXT,
  kind TEXT,
  size INTEGER, mtime INTEGER, sha256 TEXT,
  at INTEGER NOT NULL,
  account TEXT NOT NULL,
  address TEXT,
  -- The seq of the last change of the release that this one belongs to.
  release INTEGER,
  -- Of op 'rules': JSON of SiteRules.
  rules TEXT,
  PRIMARY KEY (site, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX journal_by_time ON journal (site, at);
CREATE INDEX journal_by_release ON journal (site, path, seq) WHERE release IS NOT NULL;

-- Where the documents of the index link to within their site; see domain/reference.ts.
CREATE TABLE link (
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  page TEXT NOT NULL,
  target TEXT NOT NULL,
  -- In the order of the document.
  at INTEGER NOT NULL,
  PRIMARY KEY (site, page, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_by_target ON link (site, target);

-- Master: changes that were committed as one. The id is the seq of the last of them.
CREATE TABLE release (
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  id INTEGER NOT NULL,
  first INTEGER NOT NULL,
  name TEXT NOT NULL,
  at INTEGER NOT NULL,
  account TEXT NOT NULL,
  -- Release that this one takes back.
  reverts INTEGER,
  -- JSON {quorum, limit}: published everywhere at the same moment; NULL: by each mirror as soon as it can.
  together TEXT,
  -- When the word was given; NULL: not yet, or none is needed.
  go_at INTEGER,
  PRIMARY KEY (site, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX release_waiting ON release (site, id) WHERE together IS NOT NULL AND go_at IS NULL;

-- What stood at each path of a release before it: kind 'file', 'dir' or 'gone' (nothing).
CREATE TABLE release_before (
  site INTEGER NOT NULL, release INTEGER NOT NULL,
  path TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('file', 'dir', 'gone')),
  size INTEGER, mtime INTEGER, sha256 TEXT,
  PRIMARY KEY (site, release, path),
  FOREIGN KEY (site, release) REFERENCES release (site, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- How far each mirror is with a release that concerns it. Times by the master's clock.
CREATE TABLE release_peer (
  site INTEGER NOT NULL, release INTEGER NOT NULL,
  peer TEXT NOT NULL,
  ready_at INTEGER, published_at INTEGER,
  PRIMARY KEY (site, release, peer),
  FOREIGN KEY (site, release) REFERENCES release (site, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX release_peer_open ON release_peer (site, peer, release) WHERE published_at IS NULL;

-- Replaced and deleted contents that are kept in the reserved folder, for rollbacks.
CREATE TABLE version (
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  kept_at INTEGER NOT NULL,
  PRIMARY KEY (site, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX version_by_age ON version (site, kept_at);

-- Uploads that were broken off: they never became a change.
CREATE TABLE aborted (
  id INTEGER PRIMARY KEY,
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  path TEXT NOT NULL, at INTEGER NOT NULL, account TEXT NOT NULL, address TEXT, bytes INTEGER NOT NULL, reason TEXT NOT NULL
) STRICT;
CREATE INDEX aborted_by_time ON aborted (site, at);

-- What a mirror reported of a change. The mirror's own database is the truth; this is the master's copy to show.
CREATE TABLE delivery (
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  path TEXT NOT NULL,
  peer TEXT NOT NULL,
  state TEXT NOT NULL,
  verdict TEXT,
  notified_at INTEGER, received_at INTEGER, fetched_at INTEGER, published_at INTEGER, next_attempt_at INTEGER,
  bytes INTEGER,
  error TEXT,
  PRIMARY KEY (site, seq, peer, path)
) STRICT, WITHOUT ROWID;

-- Master: which mirror follows which site, and how far it is.
CREATE TABLE subscription (
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  peer TEXT NOT NULL REFERENCES peer(id) ON DELETE CASCADE,
  journal TEXT,
  received_seq INTEGER NOT NULL DEFAULT 0,
  published_seq INTEGER NOT NULL DEFAULT 0,
  -- Hash of the routes by which the mirror has been told all that it holds; NULL: of none, or in the middle of a snapshot.
  routes TEXT,
  waiting INTEGER NOT NULL DEFAULT 0, failing INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0,
  seen_at INTEGER,
  PRIMARY KEY (site, peer)
) STRICT, WITHOUT ROWID;

-- Mirror: what a path should hold and does not yet. One row a path: a newer change replaces the older.
CREATE TABLE want (
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('file', 'dir', 'gone')),
  size INTEGER, mtime INTEGER, sha256 TEXT,
  seq INTEGER NOT NULL,
  transfer INTEGER NOT NULL,
  -- 1: one of several wants of its transfer (a rename that was taken apart)
  part INTEGER NOT NULL,
  -- JSON: where the file links to.
  refs TEXT,
  -- The release that it belongs to, by the seq of its last change.
  release INTEGER,
  -- 1: a person has said that it waits for nothing.
  forced INTEGER NOT NULL DEFAULT 0,
  -- Name in the staging folder of a file that is ready.
  staged TEXT,
  -- queued, ready (the content is here, and waits for what belongs to it), failed (waits for next_at; NULL: for a person), guarded (a delete of a catch-up that is not complete yet), held (for a person)
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER,
  error TEXT,
  -- When what is published here was first overtaken, and when the newest change was notified.
  since INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (site, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX want_by_release ON want (site, release) WHERE release IS NOT NULL;
CREATE INDEX want_by_seq ON want (site, seq);
CREATE INDEX want_by_state ON want (site, state, next_at) WHERE state <> 'queued';
-- What can be done next, in its order, however much waits: small files (up to 1 MiB) and large ones, folders, deletes.
CREATE INDEX want_small ON want (site, seq, path) WHERE kind = 'file' AND state = 'queued' AND size <= 1048576;
CREATE INDEX want_large ON want (site, seq, path) WHERE kind = 'file' AND state = 'queued' AND size > 1048576;
CREATE INDEX want_dir ON want (site, path) WHERE kind = 'dir' AND state = 'queued';
CREATE INDEX want_gone ON want (site, path) WHERE kind = 'gone' AND state = 'queued';
CREATE INDEX want_by_hash ON want (site, sha256) WHERE kind = 'file';
CREATE INDEX want_by_transfer ON want (transfer) WHERE part = 1;

-- Mirror: members of groups that have been notified since the group was last published.
CREATE TABLE round (
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  grp TEXT NOT NULL,
  member TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (site, grp, member)
) STRICT, WITHOUT ROWID;

-- Mirror: releases that it was told of.
CREATE TABLE followed_release (
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  id INTEGER NOT NULL,
  -- 1: not to be published before the master gives the word.
  together INTEGER NOT NULL,
  ready_at INTEGER, published_at INTEGER,
  -- The newer release in which what was left of it went on.
  merged INTEGER,
  PRIMARY KEY (site, id)
) STRICT, WITHOUT ROWID;

-- Mirror: links of published pages that lead nowhere: not waited for again.
CREATE TABLE missing (
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  page TEXT NOT NULL,
  target TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (site, page, target)
) STRICT, WITHOUT ROWID;

-- Mirror: the history of what it was told and what became of it.
CREATE TABLE transfer (
  id INTEGER PRIMARY KEY,
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  op TEXT NOT NULL,
  path TEXT NOT NULL,
  origin TEXT,
  size INTEGER,
  verdict TEXT NOT NULL,
  state TEXT NOT NULL,
  notified_at INTEGER NOT NULL, received_at INTEGER NOT NULL, fetched_at INTEGER, published_at INTEGER, next_attempt_at INTEGER,
  bytes INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  error TEXT
) STRICT;

-- Steps on a tree that are decided but perhaps not done, or done but perhaps not durable yet; rolled forward at start.
CREATE TABLE plan (
  id INTEGER PRIMARY KEY,
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  steps TEXT NOT NULL,
  done INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE account (
  user TEXT PRIMARY KEY,
  site TEXT NOT NULL,
  folder TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('publisher', 'mirror')),
  -- scrypt, PHC string
  hash TEXT NOT NULL,
  -- The mirror whose account this is.
  peer TEXT
) STRICT;

CREATE TABLE peer (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('master', 'mirror')),
  certificate TEXT NOT NULL,
  address TEXT,
  dial TEXT NOT NULL CHECK (dial IN ('us', 'them')),
  -- Mirror: how it logs in at this master: JSON {user, password}.
  ftp TEXT,
  paired_at INTEGER NOT NULL
) STRICT;

CREATE TABLE invite (
  -- SHA-256 of the secret.
  id TEXT PRIMARY KEY,
  site TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT;
`;
