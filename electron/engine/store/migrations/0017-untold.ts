/**
 * What hooks are still to be told of: put down with it, in the same transaction, and taken out with the event that tells of it.
 * Kinds of events stand in `hook_heard` while a hook wants them.
 */
export const untold = `
-- Mirror: became visible.
CREATE TABLE untold_transfer (
  transfer INTEGER PRIMARY KEY REFERENCES transfer (id) ON DELETE CASCADE
) STRICT;

-- Master: is not everywhere yet, or is and was not told.
CREATE TABLE untold_release (
  site INTEGER NOT NULL, release INTEGER NOT NULL,
  PRIMARY KEY (site, release),
  FOREIGN KEY (site, release) REFERENCES release (site, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Until now by time.
INSERT INTO untold_transfer
  SELECT id FROM transfer WHERE state = 'published' AND id > (SELECT max(id) FROM transfer) - 10000
    AND published_at > (SELECT until FROM hook_heard WHERE kind = 'published');
INSERT INTO untold_release
  SELECT site, release FROM release_peer WHERE EXISTS (SELECT 1 FROM hook_heard WHERE kind = 'release-everywhere')
    GROUP BY site, release HAVING count(*) > count(published_at)
      OR max(published_at) > (SELECT until FROM hook_heard WHERE kind = 'release-everywhere');
`;
