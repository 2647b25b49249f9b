import { nameOf, type SitePath } from '../../../shared/domain/site-path.ts';
import type { Comparison, PlaceItem } from './compare.ts';
import type { LocalFile } from './local-tree.ts';

/** One thing to be done at the place. */
export type Task =
  | { readonly do: 'make'; readonly path: SitePath }
  | { readonly do: 'send'; readonly path: SitePath; readonly file: LocalFile }
  | { readonly do: 'remove'; readonly path: SitePath; readonly item: PlaceItem };

/** What may be done at the same time; the next phase begins when all of it is done. */
export interface Phase {
  readonly tasks: readonly Task[];
  /** One after the other, in their order. */
  readonly inOrder: boolean;
}

/**
 * First goes what makes room for something of another kind, then come folders, those above first, files, then pages, whose
 * targets are there by then, and deletes last, the deepest first.
 */
export function phasesOf({ folders, files, removed }: Comparison): Phase[] {
  const madeFolders = new Set<SitePath>(folders);
  const newFiles = new Set(files.flatMap(({ path, isNew }) => (isNew ? [path] : [])));
  const makesRoom = ({ path }: PlaceItem): boolean =>
    madeFolders.has(path) || [...aboveAndSelf(path)].some((each) => newFiles.has(each));
  const remove = (item: PlaceItem): Task => ({ do: 'remove', path: item.path, item });
  const send = (file: LocalFile): Task => ({ do: 'send', path: file.path, file });
  const phases: Phase[] = [
    { inOrder: true, tasks: removed.filter(makesRoom).map(remove) },
    { inOrder: true, tasks: folders.map((path): Task => ({ do: 'make', path })) },
    { inOrder: false, tasks: files.filter(({ path }) => !isPage(path)).map(send) },
    { inOrder: false, tasks: files.filter(({ path }) => isPage(path)).map(send) },
    { inOrder: true, tasks: removed.filter((item) => !makesRoom(item)).map(remove) },
  ];
  return phases.filter(({ tasks }) => tasks.length > 0);
}

function isPage(path: SitePath): boolean {
  return /\.x?html?$/i.test(nameOf(path));
}

function* aboveAndSelf(path: SitePath): Iterable<SitePath> {
  for (let at = path.length; at > 0; at = path.lastIndexOf('/', at - 1)) yield path.slice(0, at) as SitePath;
}
