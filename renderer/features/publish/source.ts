/** What is to be published, by paths of the engine's machine. */
export interface Source {
  readonly paths: readonly string[];
  /** One folder, which stands for its content; of several things each stands for itself. */
  readonly isFolder: boolean;
  /** What a browser has sent: the id under which it did, and what it did not. */
  readonly sent?: { readonly id: string; readonly leftOut: readonly string[] };
}

export interface Dropped {
  readonly path: string;
  readonly isFolder: boolean;
}

export function sourceOf(dropped: readonly Dropped[]): Source | undefined {
  const [first, ...others] = dropped;
  if (first === undefined) return undefined;
  return { paths: dropped.map(({ path }) => path), isFolder: first.isFolder && others.length === 0 };
}

/** Its last name. */
export function nameOfPath(path: string): string {
  return splitPath(path).name;
}

/** The folder that something stands in. */
export function folderOfPath(path: string): string {
  return splitPath(path).folder;
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
