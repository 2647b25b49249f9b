/** Mirror: when the targets of links that were set by hand were last notified (SPEC §8). */
export const targets = `
CREATE TABLE target (
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (site, path)
) STRICT, WITHOUT ROWID;
`;
