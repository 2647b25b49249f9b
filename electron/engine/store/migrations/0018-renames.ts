/** What was renamed is followed back through the names that it had without reading the rest of the journal. */
export const renames = `
CREATE INDEX journal_renames ON journal (site, path, seq) WHERE op = 'rename';
`;
