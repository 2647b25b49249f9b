/** Since when a peer is known, and until when it was heard of. */
export const seen = `
-- Mirror: when its master was last heard of, for who asks while nothing runs.
ALTER TABLE peer ADD COLUMN seen_at INTEGER;

-- Master: when the mirror was paired; NULL: by an older version.
ALTER TABLE subscription ADD COLUMN since INTEGER;
`;
