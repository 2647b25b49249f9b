import { childOf, isWithin, parseSitePath, rebase, type SitePath } from './site-path.ts';

/**
 * Where a link leads within its own site: the path of a file; with a `/` at the end a folder, meaning its index file
 * (`docs/`; the root is `/`). In this form references stand in the database and in notifications.
 */
export type Reference = string & { readonly __brand: 'Reference' };

/** References that one document may have; further ones are not known, and not waited for. */
export const REFERENCES_MAX = 1000;
/** Characters of all references of one document together. */
export const REFERENCES_LENGTH_MAX = 65_536;

export function referenceTo(path: SitePath, folder: boolean): Reference {
  return (folder ? `${path}/` : path) as Reference;
}

/**
 * References that were read, each the one string of all documents that have it: those of a site's menu stand in every page, and are read
 * many times.
 */
const known = new Map<string, Reference>();
const KNOWN_MAX = 10_000;
const KNOWN_LENGTH_MAX = 200;

/** Reads a reference that came from outside; undefined where it does not lead to a path of a site. */
export function parseReference(raw: string): Reference | undefined {
  const found = known.get(raw);
  if (found !== undefined) return found;
  const parsed = parseSitePath(raw);
  const folder = raw.endsWith('/');
  if (!parsed.ok || (!folder && parsed.value === '')) return undefined;
  const reference = referenceTo(parsed.value, folder);
  if (reference.length <= KNOWN_LENGTH_MAX) {
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(reference, reference);
  }
  return reference;
}

/** The path that a reference names, and whether it names a folder. */
function targetOf(reference: Reference): { readonly path: SitePath; readonly folder: boolean } {
  const folder = reference.endsWith('/');
  return { path: (folder ? reference.slice(0, -1) : reference) as SitePath, folder };
}

/** Where a reference of a page leads that moves along with all that is in the folder `from`: what it names there moves, too. */
export function rebaseReference(reference: Reference, from: SitePath, to: SitePath): Reference {
  const { path, folder } = targetOf(reference);
  return isWithin(path, from) ? referenceTo(rebase(path, from, to), folder) : reference;
}

/**
 * The paths of which any one satisfies a reference. A folder is its index; a name without `/` at the end may be a folder
 * too, to which a web server redirects.
 */
export function candidatesOf(reference: Reference, indexNames: readonly string[]): SitePath[] {
  const { path, folder } = targetOf(reference);
  const indexes = indexNames.map((name) => childOf(path, name));
  return folder ? indexes : [path, ...indexes];
}

/** The references that `path` satisfies: the other way round. */
export function referencesTo(path: SitePath, indexNames: readonly string[]): Reference[] {
  const slash = path.lastIndexOf('/');
  const [folder, name] = [path.slice(0, Math.max(0, slash)) as SitePath, path.slice(slash + 1)];
  const own = referenceTo(path, false);
  if (!indexNames.includes(name)) return [own];
  return folder === ''
    ? [own, referenceTo(folder, true)]
    : [own, referenceTo(folder, true), referenceTo(folder, false)];
}
