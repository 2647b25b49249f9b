/** Master: accounts that change a site by releases only (SPEC §8). */
export const releasesOnly = `
ALTER TABLE account ADD COLUMN releases_only INTEGER NOT NULL DEFAULT 0 CHECK (releases_only IN (0, 1));
`;
