/** Master: the drop that a release was, so that who has asked for it knows its own. */
export const drops = `
ALTER TABLE release ADD COLUMN drop_id TEXT;
`;
