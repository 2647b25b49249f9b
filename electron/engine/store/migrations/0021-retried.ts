/** Mirror: what has failed before and is tried again at this moment is found without reading all that is queued. */
export const retried = `
CREATE INDEX want_retried ON want (site, seq, path) WHERE state = 'queued' AND error IS NOT NULL;
`;
