/** The boot of the machine in which a flush of the site's tree failed: until the next one its plans are kept. */
export const flushFailed = `
ALTER TABLE site ADD COLUMN flush_failed TEXT;
`;
