import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { parseSync } from 'vite';

/**
 * The walls of the house: for each folder, which folders its files may import and which kinds of package. `tsc -b` knows
 * the same arrows by its project references, and the globals; but it lets a type of any installed package through,
 * and says less well what is wrong.
 */
interface Room {
  /** Where its files are; the first room that fits a file is its room. */
  readonly path: string;
  /** Rooms beside itself that it may import. */
  readonly may: readonly string[];
  readonly node: boolean;
  readonly electron: boolean;
  /** Packages that it may import; `any` beside Node and Electron. */
  readonly packages: 'any' | readonly string[];
}

const house: readonly Room[] = [
  { path: 'shared', may: [], node: false, electron: false, packages: ['zod'] },
  { path: 'renderer', may: ['shared'], node: false, electron: false, packages: 'any' },
  { path: 'electron/engine', may: ['shared'], node: true, electron: false, packages: 'any' },
  { path: 'electron/main', may: ['shared'], node: true, electron: true, packages: ['zod', 'electron-updater'] },
  { path: 'electron/preload', may: ['shared'], node: false, electron: true, packages: [] },
  {
    path: 'electron/entry/main.ts',
    may: ['shared', 'electron/main'],
    node: true,
    electron: true,
    packages: [],
  },
  {
    path: 'electron/entry/engine-process.ts',
    may: ['shared', 'electron/engine', 'electron/entry'],
    node: true,
    electron: true,
    packages: 'any',
  },
  // What runs without a screen, `cli` above all, must start where there is no Electron.
  { path: 'electron/entry', may: ['shared', 'electron/engine'], node: true, electron: false, packages: 'any' },
];

export interface Violation {
  readonly file: string;
  readonly imports: string;
  readonly because: string;
}

/** Every import in the house under `root` that goes through a wall. */
export function violations(root: string): Violation[] {
  const files = globSync('{shared,renderer,electron}/**/*.{ts,tsx,mts,js,mjs}', { cwd: root });
  return files.sort().flatMap((file) => {
    const name = file.split(sep).join('/');
    const room = roomOf(name);
    if (room === undefined) return [{ file: name, imports: '', because: 'the file is in no room of the house' }];
    return importsOf(join(root, file)).flatMap((imports) => {
      const because = refusal(room, name, imports);
      return because === undefined ? [] : [{ file: name, imports, because }];
    });
  });
}

function refusal(room: Room, file: string, imports: string): string | undefined {
  if (imports.startsWith('.')) {
    const target = relative('.', join(dirname(file), imports.replace(/\?.*$/, '')))
      .split(sep)
      .join('/');
    const other = roomOf(target);
    if (other !== undefined && (other.path === room.path || room.may.includes(other.path))) return undefined;
    return `${room.path} may import ${['itself', ...room.may].join(', ')}, not ${other?.path ?? target}`;
  }
  if (isBuiltin(imports)) return room.node ? undefined : `${room.path} is not for Node`;
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(imports)?.[0] ?? imports;
  if (name === 'electron') return room.electron ? undefined : `${room.path} does not know Electron`;
  if (room.packages === 'any' || room.packages.includes(name)) return undefined;
  return `${room.path} may import ${['no package', ...room.packages].join(' but ')}`;
}

function roomOf(file: string): Room | undefined {
  return house.find((room) => file === room.path || file.startsWith(`${room.path}/`));
}

/** All that a file imports: import, export … from, import(), require(), types included. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const { module } = parseSync(file, text);
  const dynamic = module.dynamicImports.map((found) =>
    literal(text.slice(found.moduleRequest.start, found.moduleRequest.end)),
  );
  const required = [...text.matchAll(/\b(?:require|getBuiltinModule)\(\s*(['"])(.+?)\1\s*\)/g)].map(
    (match) => match[2] ?? '',
  );
  return [
    ...module.staticImports.map((found) => found.moduleRequest.value),
    ...module.staticExports.flatMap((found) => found.entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
    ...dynamic,
    ...required,
  ];
}

/** The text of a string literal; a name that is made up while running goes through no wall that could be checked. */
function literal(source: string): string {
  return /^(['"`])([^$]*)\1$/.exec(source)?.[2] ?? source;
}
