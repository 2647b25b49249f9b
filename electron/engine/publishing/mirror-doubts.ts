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
  const known = new Map<SitePath, Map<string, Set<string>>>();
  const namesIn = (folder: SitePath): Map<string, Set<string>> => {
    const names = known.get(folder) ?? new Map<string, Set<string>>();
    if (known.has(folder)) return names;
    known.set(folder, names);
    for (const { name } of siblings.get(folder) ?? []) if (!gone.has(childOf(folder, name))) add(names, name);
    return names;
  };
  return paths.flatMap((path): [SitePath, string][] => {
    if (path === ROOT) return [];
    const name = nameOf(path);
    const alike = add(namesIn(parentOf(path)), name);
    const other = [...alike].find((each) => each !== name);
    return other === undefined ? [] : [[path, other]];
  });
}

/** By their form without case; those that are alike, with this one. */
function add(names: Map<string, Set<string>>, name: string): Set<string> {
  const alike = names.get(name.toLowerCase()) ?? new Set<string>();
  names.set(name.toLowerCase(), alike.add(name));
  return alike;
}
