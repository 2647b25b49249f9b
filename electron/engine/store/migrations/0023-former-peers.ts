/** Names of installs that are paired no longer: the history tells of them. */
export const formerPeers = `
CREATE TABLE former_peer (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL
) STRICT;
`;
