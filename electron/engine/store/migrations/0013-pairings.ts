/** Which pairing a mirror follows a site by: what it says of an earlier one does not concern a later one. */
export const pairings = `
-- Master: as the mirror has named it; NULL: by an older version, at either end.
ALTER TABLE subscription ADD COLUMN pairing TEXT;

-- Mirror: the one that it has ended.
ALTER TABLE farewell ADD COLUMN pairing TEXT;
`;
