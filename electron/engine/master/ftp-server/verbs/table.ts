import { access } from './access.ts';
import { changes } from './changes.ts';
import { files } from './files.ts';
import { folders } from './folders.ts';
import { info } from './info.ts';
import { listings } from './listings.ts';
import { parameters } from './parameters.ts';
import { uploads } from './uploads.ts';
import type { Verb } from './verb.ts';

/** All that is served, by name. */
export const verbs: ReadonlyMap<string, Verb> = new Map(
  [access, parameters, folders, listings, files, changes, uploads, info].flatMap((group) => Object.entries(group)),
);
