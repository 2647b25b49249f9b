/** Mirror: releases of which nothing was heard before a newer one had overtaken a part of them: what comes of them is of that one. */
export const goneOn = `
CREATE TABLE gone_on (
  site INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
  release INTEGER NOT NULL,
  into_release INTEGER NOT NULL,
  together INTEGER NOT NULL,
  PRIMARY KEY (site, release)
) STRICT, WITHOUT ROWID;
`;
