/** Master: what an open release was called, so that who has lost the connection while it was committed is told what came of it. */
export const openedAs = `
ALTER TABLE release ADD COLUMN opened_as TEXT;
CREATE INDEX release_opened_as ON release (site, opened_as) WHERE opened_as IS NOT NULL;
`;
