/** FTP servers that drops can go to. `sealed`: the password as the port for secrets has sealed it, never plain. */
export const publishTargets = `
CREATE TABLE publish_target (
  name TEXT PRIMARY KEY,
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  protocol TEXT NOT NULL CHECK (protocol IN ('ftps', 'ftp')),
  user TEXT NOT NULL,
  folder TEXT NOT NULL,
  fingerprint TEXT,
  sealed TEXT
) STRICT, WITHOUT ROWID;
`;
