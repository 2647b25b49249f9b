/**
 * SQL, in a query of entries `e`: the release that an entry belonged to under an earlier name, where it, or a folder above it, was renamed
 * outside of that release. Otherwise a part of the release could be shown under the new name. Releases after the first parameter, and those
 * that wait for their word, come before all others. The inner `rtrim` takes the last name off a path, the outer one the slash before it.
 */
export const RELEASE_OF_MOVED = `CASE WHEN e.kind <> 'gone' THEN (
  WITH RECURSIVE came (path, seq) AS (
    SELECT e.path, e.seq + 1
    UNION ALL
    SELECT b.origin || substr(came.path, length(b.path) + 1), b.seq FROM came CROSS JOIN journal b
      ON b.site = e.site AND b.seq = (
        WITH RECURSIVE above (path) AS (
          SELECT came.path
          UNION ALL
          SELECT rtrim(rtrim(path, replace(path, '/', '')), '/') FROM above WHERE instr(path, '/') > 0)
        SELECT max((SELECT max(x.seq) FROM journal x INDEXED BY journal_renames
          WHERE x.site = e.site AND x.op = 'rename' AND x.path = above.path AND x.seq < came.seq)) FROM above))
  SELECT w.id FROM came CROSS JOIN journal o INDEXED BY journal_by_release
      ON o.site = e.site AND o.path = came.path AND o.seq < came.seq AND o.release IS NOT NULL
    JOIN release w ON w.site = o.site AND w.id = o.release
    WHERE w.id > ?1 OR (w.together IS NOT NULL AND w.go_at IS NULL) OR came.seq <= e.seq
    ORDER BY (w.id > ?1 OR (w.together IS NOT NULL AND w.go_at IS NULL)) DESC, w.id DESC LIMIT 1) END`;
