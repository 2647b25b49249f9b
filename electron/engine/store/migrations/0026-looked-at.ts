/** Master: when somebody last began to compare all of the folder with the index, and came to the end of it. NULL: never. */
export const lookedAt = `
ALTER TABLE site ADD COLUMN looked_at INTEGER;
`;
