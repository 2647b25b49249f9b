/** What is to be published: a folder's content, or some of what stands in a folder. */
export interface Source {
  readonly folder: string;
  readonly only?: readonly string[];
}

export interface Dropped {
  readonly path: string;
  readonly isFolder: boolean;
}

/** A folder that was dropped alone stands for its content; other things for themselves. `mixed`: they lie in several folders. */
export function sourceOf(dropped: readonly Dropped[]): Source | 'mixed' | undefined {
  const [first, ...others] = dropped;
  if (first === undefined) return undefined;
  if (first.isFolder && others.length === 0) return { folder: first.path };
  const places = dropped.map(({ path }) => splitPath(path));
  const folder = places[0]?.folder ?? '';
  if (places.some((place) => place.folder !== folder)) return 'mixed';
  return { folder, only: places.map(({ name }) => name) };
}

/** Its last name. */
export function nameOfPath(path: string): string {
  return splitPath(path).name;
}

/** Paths of this machine: with `\` only where they are those of Windows; elsewhere it is a letter like any other. */
function splitPath(path: string): { folder: string; name: string } {
  const isWindows = /^(?:[A-Za-z]:|\\\\)/.test(path);
  const trimmed = path.replace(isWindows ? /[\\/]+$/ : /\/+$/, '');
  const at = Math.max(trimmed.lastIndexOf('/'), isWindows ? trimmed.lastIndexOf('\\') : -1);
  // The root keeps its separator: `/` and `C:\`.
  const folder = trimmed.slice(0, at <= 0 || (isWindows && at === 2) ? at + 1 : at);
  return { folder, name: trimmed.slice(at + 1) };
}
