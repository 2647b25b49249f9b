/** Who does not follow any more. */
export const farewells = `
-- Mirror: sites that it follows no longer, until their master has been told.
CREATE TABLE farewell (
  peer TEXT NOT NULL REFERENCES peer(id) ON DELETE CASCADE,
  site TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (peer, site)
) STRICT, WITHOUT ROWID;

-- Mirror: nothing of this master is followed any more; the peer goes when the master has been told.
ALTER TABLE peer ADD COLUMN leaving INTEGER NOT NULL DEFAULT 0;

-- Master: mirrors, by their name, that have said that they follow a site no longer.
CREATE TABLE departure (
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (site, name)
) STRICT, WITHOUT ROWID;
`;
