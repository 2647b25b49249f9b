/** Master: what stands in a site's folder under a name that no site can hold, or cannot be read, as it was last seen. */
export const unfit = `
CREATE TABLE unfit (
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  -- As the disk has it: not every name is text.
  path BLOB NOT NULL,
  code TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (site, path)
) STRICT, WITHOUT ROWID;
`;
