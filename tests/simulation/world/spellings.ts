import { renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { SeededRandom } from '../random.ts';

/** Each of its names now and then with a capital, or all of them as they are. */
export function respelled(path: string, random: SeededRandom): string {
  if (random.chance(0.6)) return path;
  const names = path
    .split('/')
    .map((name) => (random.chance(0.4) ? name.charAt(0).toUpperCase() + name.slice(1) : name));
  return names.join('/');
}

/** Somebody gives a file or folder its other spelling: which to what. Undefined: there is none to be had. */
export function respell(root: string, paths: readonly string[], random: SeededRandom): string | undefined {
  if (paths.length === 0 || random.chance(0.7)) return undefined;
  const path = random.pick(paths);
  const name = basename(path);
  const [capital, small] = [name.charAt(0).toUpperCase() + name.slice(1), name.charAt(0).toLowerCase() + name.slice(1)];
  const to = join(dirname(path), name === small ? capital : small);
  if (paths.includes(to)) return undefined;
  renameSync(join(root, path), join(root, to));
  return `${path} to ${to}`;
}

/** Some of the names that people use have an accent. */
export function accented(path: string): string {
  return path
    .replace('four', 'fóur')
    .replace(/(^|\/)y(?=\/|$)/g, '$1ý')
    .replace('edited', 'édited');
}

/** A name with accents in one of its two forms, as programs write it. */
export function inSomeForm(path: string, random: SeededRandom): string {
  return path.normalize(random.chance(0.5) ? 'NFC' : 'NFD');
}

/** Somebody gives what is at a path of a disk that takes both forms for one the other form of its name. */
export function reform(root: string, path: string, random: SeededRandom): void {
  renameSync(join(root, path), join(root, inSomeForm(path, random)));
}
