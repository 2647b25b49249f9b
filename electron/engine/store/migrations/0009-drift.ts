/** Mirror: files that somebody else has changed, as far as it was noticed. */
export const drift = `
CREATE TABLE drift (
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  -- found: a person decides. kept: it stays until the master changes the file. replaced: that has happened.
  state TEXT NOT NULL CHECK (state IN ('found', 'kept', 'replaced')),
  -- What stood there; NULL: nothing.
  size INTEGER, mtime INTEGER,
  -- Of what was replaced: under this hash it is among the kept versions. NULL: it is not kept.
  sha256 TEXT,
  at INTEGER NOT NULL,
  PRIMARY KEY (site, path, state)
) STRICT, WITHOUT ROWID;
CREATE INDEX drift_by_state ON drift (site, state, path);
`;
