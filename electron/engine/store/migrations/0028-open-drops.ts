/** Drops that have not ended, as they were asked for: those that end with the process are told at the next start, and can go on. */
export const openDrops = `
CREATE TABLE open_drop (
  id TEXT PRIMARY KEY,
  started_at INTEGER NOT NULL,
  asked TEXT NOT NULL,
  -- What stands at its server that is to be seen to before it is begun again.
  begun TEXT
) STRICT;
`;
