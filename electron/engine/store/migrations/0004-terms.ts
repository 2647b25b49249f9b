/**
 * Master: the stretches of a journal that one engine wrote without a break, and the seq with which each begins; a backup that
 * was put back lacks those that came after it. Mirror: the one in which its cursor was told.
 */
export const terms = `
CREATE TABLE term (
  number INTEGER PRIMARY KEY,
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  id TEXT NOT NULL,
  first INTEGER NOT NULL,
  UNIQUE (site, id)
) STRICT;
ALTER TABLE site ADD COLUMN term TEXT;
`;
