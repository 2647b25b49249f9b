/** Master: folders of the site that were disks of their own when all of it was last compared (JSON). NULL: none. */
export const disks = `
ALTER TABLE site ADD COLUMN disks TEXT;
`;
