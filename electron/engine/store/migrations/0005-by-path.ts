/** What happened to one path is found without reading the rest: a file's versions and history (SPEC §9). */
export const byPath = `
CREATE INDEX journal_by_path ON journal (site, path, seq);
CREATE INDEX transfer_by_path ON transfer (site, path, id);
`;
