/** Mirror: the journal with whose index it was comparing its own, and up to where that went. NULL: it has come to the end of it. */
export const compared = `
ALTER TABLE site ADD COLUMN compared_journal TEXT;
ALTER TABLE site ADD COLUMN compared_seq INTEGER;
ALTER TABLE site ADD COLUMN compared_term TEXT;
`;
