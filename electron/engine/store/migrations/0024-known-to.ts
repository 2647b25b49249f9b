/** Mirror: up to where all was known when what it was told began to be a part only. NULL: it is not, or nobody has noted it. */
export const knownTo = `
ALTER TABLE site ADD COLUMN compared_since INTEGER;
`;
