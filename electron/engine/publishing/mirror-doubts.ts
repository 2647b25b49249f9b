import type { MirrorDisk } from '../../../shared/contract/link.ts';
import type { MirrorDoubt, MirrorPlan } from '../../../shared/contract/publishing.ts';
import { childOf, nameOf, parentOf, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Comparison } from './compare.ts';

/** Doubts that are listed for one mirror. */
const DOUBTS_MAX = 200;

/** A mirror, as far as it is known here. */
export interface KnownMirror {
  readonly name: string;
  /** Undefined: it has not said, or has never been linked since this master was started. */
  readonly disk: MirrorDisk | undefined;
  readonly gets: (path: SitePath) => boolean;
}

/**
 * What of a drop a mirror may not be able to hold. Sure is what it has said of itself; of a mirror that has said nothing only what
 * some systems cannot hold is named, as a possibility.
 */
export function doubtsAt(mirror: KnownMirror, found: Comparison): MirrorPlan {
  const { name, disk, gets } = mirror;
  const paths = [...found.folders, ...found.files.map(({ path }) => path)].filter(gets);
  const doubts: MirrorDoubt[] = [];
  const sure = disk !== undefined;
  if (!disk || disk.windowsNames)
    for (const path of paths)
      if (!isWindowsName(nameOf(path)))
        doubts.push({ path, sure, error: new AppError('path.unsupported-name', { path }).toJSON() });
  if (!disk || !disk.caseSensitive)
    for (const [path, other] of caseClashes(paths, found))
      doubts.push({ path, sure, error: new AppError('path.case-clash', { path, other }).toJSON() });
  const bytes = found.files.reduce((sum, { path, size }) => sum + (gets(path) ? size : 0), 0);
  if (disk?.free !== undefined && bytes > disk.free)
    // Other files may have gone or come since it told.
    doubts.unshift({
      path: '',
      sure: false,
      error: new AppError('publish.mirror-room', { bytes, free: disk.free }).toJSON(),
    });
  return { mirror: name, known: sure, doubts: doubts.slice(0, DOUBTS_MAX), count: doubts.length };
}

/** “Naming Files, Paths, and Namespaces”: characters, devices, and what Windows drops at the end of a name. */
export function isWindowsName(name: string): boolean {
  return (
    !/[<>:"|?*]/.test(name) && !/[. ]$/.test(name) && !/^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i.test(name)
  );
}

/** Each new path whose name differs by case only from another one in its folder, with that one. */
function caseClashes(paths: readonly SitePath[], { siblings, removed }: Comparison): [SitePath, string][] {
  const gone = new Set(removed.map(({ path }) => path));
  const seen = new Map<SitePath, Map<string, string>>();
  const namesIn = (folder: SitePath): Map<string, string> => {
    const known = seen.get(folder);
    if (known) return known;
    const there = (siblings.get(folder) ?? []).filter(({ name }) => !gone.has(childOf(folder, name)));
    const names = new Map(there.map(({ name }) => [name.toLowerCase(), name]));
    seen.set(folder, names);
    return names;
  };
  return paths.flatMap((path): [SitePath, string][] => {
    if (path === ROOT) return [];
    const names = namesIn(parentOf(path));
    const name = nameOf(path);
    const other = names.get(name.toLowerCase());
    if (other === undefined) names.set(name.toLowerCase(), name);
    return other === undefined || other === name ? [] : [[path, other]];
  });
}
