/** What the reserved folder of a site's root says of itself: another disk at its place is not taken for it. */
export const rootMark = `
ALTER TABLE site ADD COLUMN mark TEXT;
ALTER TABLE site ADD COLUMN root TEXT;
`;
