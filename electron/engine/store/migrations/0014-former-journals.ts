/**
 * Master: names that a site's journal had before it was put back from a backup. A mirror that names another one was told of a future
 * that this database does not know.
 */
export const formerJournals = `
CREATE TABLE former_journal (
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  id TEXT NOT NULL,
  PRIMARY KEY (site, id)
) STRICT, WITHOUT ROWID;
`;
