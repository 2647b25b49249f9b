import { z } from 'zod';
import { targetPlace } from './publishing.ts';

/** Characters of a file with logins, and entries of it: what a person has saved is far below both. */
export const IMPORT_LENGTH_MAX = 256 * 1024;
export const IMPORT_ENTRIES_MAX = 1000;

/** Why an entry is not taken over. */
export const importSkip = z.enum([
  'sftp',
  'implicit-tls',
  'other-protocol',
  'no-server',
  'no-user',
  'default',
  'characters',
  'saved-already',
  'too-many',
]);

/** What a file with logins holds, without its passwords. */
export const targetImport = z.object({
  kind: z.enum(['filezilla', 'netrc']),
  /** By the names that they are saved under: new ones, which no target has. */
  targets: z.array(targetPlace.extend({ hasPassword: z.boolean() })),
  skipped: z.array(z.object({ name: z.string(), reason: importSkip })),
});

export type ImportSkip = z.output<typeof importSkip>;
export type TargetImport = z.output<typeof targetImport>;
