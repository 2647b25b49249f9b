/** What hooks have not taken yet, and up to when what happened was put down for them. */
export const hooks = `
CREATE TABLE hook_event (
  id INTEGER PRIMARY KEY,
  -- Of its configuration, by which it is known again.
  hook TEXT NOT NULL,
  event TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX hook_event_by_hook ON hook_event (hook, event);
CREATE TABLE hook_heard (
  kind TEXT PRIMARY KEY,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
