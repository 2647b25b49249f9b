/**
 * In a query of entries `e` with their rows `j`: the release of what was renamed outside of it, by the names that it had before.
 * Of those after the parameter, and of those that wait for their word: nobody shows a part of them under another name.
 */
export const RELEASE_OF_MOVED = `CASE WHEN j.op = 'rename' AND e.kind <> 'gone' THEN (
  WITH RECURSIVE came (path, seq) AS (
    SELECT j.origin || substr(e.path, length(j.path) + 1), j.seq
    UNION ALL
    SELECT b.origin, b.seq FROM came CROSS JOIN journal b ON b.site = e.site AND b.op = 'rename' AND b.seq =
      (SELECT max(x.seq) FROM journal x INDEXED BY journal_by_path WHERE x.site = e.site AND x.path = came.path AND x.seq < came.seq))
  SELECT max(o.release) FROM came CROSS JOIN journal o INDEXED BY journal_by_release
      ON o.site = e.site AND o.path = came.path AND o.seq < came.seq AND o.release IS NOT NULL
    JOIN release w ON w.site = o.site AND w.id = o.release
    WHERE w.id > ? OR (w.together IS NOT NULL AND w.go_at IS NULL)) END`;
