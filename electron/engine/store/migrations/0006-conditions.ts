/** What is paused, since when; and what a master asks of a mirror. */
export const conditions = `
CREATE TABLE pause (
  -- Everything; a mirror, by its master; a followed site, by its mirror.
  what TEXT NOT NULL CHECK (what IN ('all', 'peer', 'site')),
  -- The peer's id, the site's name; '' for everything.
  name TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (what, name)
) STRICT, WITHOUT ROWID;

-- JSON of LinkConditions: of a mirror the limits that this master has set for it, of a master what it asked last. NULL: nothing.
ALTER TABLE peer ADD COLUMN conditions TEXT;
`;
