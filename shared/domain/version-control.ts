const NAMES: ReadonlySet<string> = new Set(['.git', '.hg', '.svn', '.bzr']);

/** What version control keeps beside the sources: who can read it on a site has all of them, with their past. `name`: of a file or folder. */
export function isVersionControl(name: string): boolean {
  return NAMES.has(name.toLowerCase());
}
