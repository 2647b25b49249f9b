/** Master: the boot of the machine in which the uploads that are under way were begun; see `Incoming.sweep`. */
export const boot = `
ALTER TABLE site ADD COLUMN boot TEXT;
`;
