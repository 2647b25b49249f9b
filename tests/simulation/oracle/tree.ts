import { createHash } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, readSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { State } from './journal-model.ts';

const RESERVED = '.lockstep';
/** Folders on disks that take two spellings for one name. */
const folding = new Set<string>();

/** From now on of what is in this folder the spelling counts, which its disk does not look at. */
export function countSpelling(root: string): void {
  folding.add(root);
}

export function isSpellingCounted(root: string): boolean {
  return folding.has(root);
}

/** What stands at a path of a real folder. Links and the like are none of the site's. */
export function stateAt(root: string, path: string): State {
  const absolute = join(root, path);
  const info = infoOf(absolute);
  if (info === undefined || (folding.has(root) && !isSpelledSo(root, path))) return { kind: 'gone' };
  if (info.isDirectory()) return { kind: 'dir' };
  const content = contentAt(absolute, info.size);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { kind: 'file', sha256, size: content.length, mtime: Math.round(info.mtimeMs) };
}

/** Undefined: nothing is there, also where a file stands in the place of a folder above it. */
function infoOf(absolute: string): Stats | undefined {
  try {
    return lstatSync(absolute, { throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Something is there: so its folders are. */
function isSpelledSo(root: string, path: string): boolean {
  const above = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  const name = path.slice(above === '' ? 0 : above.length + 1);
  return readdirSync(join(root, above)).includes(name) && (above === '' || isSpelledSo(root, above));
}

function contentAt(absolute: string, size: number): Buffer {
  const content = Buffer.allocUnsafe(size);
  const fd = openSync(absolute, 'r');
  try {
    for (let done = 0; done < size; ) {
      const bytes = readSync(fd, content, done, size - done, done);
      if (bytes === 0) throw new Error(`${absolute} has become shorter`);
      done += bytes;
    }
  } finally {
    closeSync(fd);
  }
  return content;
}

/** All paths below a folder, without what is reserved, as a site has them: people give a name its other form only where the disk takes both for one. */
export function pathsBelow(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((item) => {
    const name = item.name.normalize('NFC');
    const path = folder === '' ? name : `${folder}/${name}`;
    if (path === RESERVED) return [];
    return item.isDirectory() ? [path, ...pathsBelow(root, path)] : [path];
  });
}

export function readTree(root: string): Map<string, State> {
  return new Map(
    pathsBelow(root)
      .sort()
      .map((path) => [path, stateAt(root, path)] as const),
  );
}

/** Where two trees differ, in words; a few of many. */
export function differences(
  wanted: ReadonlyMap<string, State>,
  found: ReadonlyMap<string, State>,
  isCompared: (path: string, state: State) => boolean = () => true,
): string[] {
  const paths = [...new Set([...wanted.keys(), ...found.keys()])].sort();
  return paths.flatMap((path) => {
    const [one, other] = [wanted.get(path), found.get(path)];
    const some = one ?? other;
    if (some && !isCompared(path, some)) return [];
    const [want, have] = [describe(one), describe(other)];
    return want === have ? [] : [`${path}: ${have}, not ${want}`];
  });
}

export function describe(state: State | undefined): string {
  if (state === undefined || state.kind === 'gone') return 'nothing';
  if (state.kind === 'dir') return 'a folder';
  return `${state.size} bytes ${state.sha256.slice(0, 8)} of ${state.mtime}`;
}
