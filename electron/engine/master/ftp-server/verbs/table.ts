import { access } from './access.ts';
import { changes } from './changes.ts';
import { files } from './files.ts';
import { folders } from './folders.ts';
import { info } from './info.ts';
import { listings } from './listings.ts';
import { parameters } from './parameters.ts';
import { uploads } from './uploads.ts';
import type { Verb, Verbs } from './verb.ts';

/** All that is served, by name. */
export const verbs: ReadonlyMap<string, Verb> = new Map(
  [access, trimmed(parameters), folders, listings, files, changes, uploads, info].flatMap((group) =>
    Object.entries(group),
  ),
);

/** No names stand after these: clients leave spaces around what does. */
function trimmed(group: Verbs): Verbs {
  return Object.fromEntries(
    Object.entries(group).map(([name, verb]): [string, Verb] => [
      name,
      { ...verb, run: (call) => verb.run({ ...call, arg: call.arg.trim() }) },
    ]),
  );
}
