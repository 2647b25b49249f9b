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

const engine = 'electron/engine';

/** A room of the engine, or a file that is one by itself: the others that it may import, beside `shared`, and the packages. */
function room(name: string, may: readonly string[], packages: readonly string[] = []): Room {
  return { path: `${engine}/${name}`, may: ['shared', ...within(may)], node: true, electron: false, packages };
}

function within(names: readonly string[]): string[] {
  return names.map((name) => `${engine}/${name}`);
}

const ground = ['core', 'store', 'tree', 'ports.ts'];
/** What a master and a mirror are made of. */
const roles = [...ground, 'link', 'claim', 'deep', 'live', 'install'];

/** From the ground up: what decides and what stores knows nothing of links, and the two roles know nothing of each other. */
export const floors: readonly Room[] = [
  room('references', [], ['css-tree', 'htmlparser2']),
  room('core', ['references'], ['picomatch']),
  room('log', ['core'], ['pino', 'zod']),
  room('ports.ts', ['log'], ['pino']),
  room('store', ['core'], ['zod']),
  room('tree', ['core', 'store', 'ports.ts'], ['zod']),
  room('listen', []),
  room('config', ['store', 'tree']),
  room('link', ['core', 'tree', 'ports.ts', 'listen'], ['@peculiar/x509', 'reflect-metadata', 'ws', 'zod']),
  room('claim', ['store', 'tree', 'link', 'config'], ['zod']),
  room('deep', ['core', 'tree']),
  room('hooks', ['store', 'tree', 'ports.ts']),
  room('live', ['core', 'store', 'ports.ts']),
  room('install', ['store', 'tree', 'link', 'claim', 'config', 'ports.ts']),
  room('master', [...roles, 'references', 'listen'], ['ftp-srv']),
  room('mirror', roles, ['basic-ftp']),
  room('publishing', [...ground, 'references', 'link', 'master', 'install'], ['basic-ftp']),
  room('history', ['core', 'store', 'master', 'install'], ['zod']),
  room('status', ['core', 'store', 'tree', 'link', 'live', 'master', 'mirror', 'install']),
  room('site-tree', ['core', 'store', 'master', 'status']),
  room('console', ['ports.ts', 'tree', 'listen'], ['ws', 'zod']),
];

/** A room of the interface: the others that it may import, beside `shared`, and the packages beside React. */
function ofInterface(name: string, may: readonly string[], packages: readonly string[] = []): Room {
  const rooms = may.map((other) => `renderer/${other}`);
  const react = ['react', 'react-dom', 'zustand'];
  return {
    path: `renderer/${name}`,
    may: ['shared', ...rooms],
    node: false,
    electron: false,
    packages: [...react, ...packages],
  };
}

/** A screen, or what stands on several: on the ground of the interface, and on no other but those that it is made of. */
function feature(name: string, parts: readonly string[] = [], packages: readonly string[] = []): Room {
  const features = parts.map((part) => `features/${part}`);
  return ofInterface(`features/${name}`, ['bridge', 'stores', 'i18n', 'ui', ...features], packages);
}

/** Likewise: a screen knows nothing of the frame around it, and what all are made of nothing of the screens. */
const screens: readonly Room[] = [
  ofInterface('bridge', [], ['zod']),
  ofInterface('stores', ['bridge']),
  ofInterface('i18n', ['stores']),
  ofInterface('ui', ['bridge', 'stores', 'i18n'], ['@tanstack/react-virtual']),
  feature('checks'),
  feature('invite'),
  feature('log'),
  feature('map', [], ['@xyflow/react']),
  feature('publish'),
  feature('score'),
  feature('first-start', ['publish']),
  feature('history', ['score']),
  feature('settings', ['checks']),
  feature('site', ['history']),
  feature('together', ['score']),
  feature('mirrors', ['checks', 'invite', 'map', 'together']),
  feature('overview', ['first-start', 'invite', 'map', 'publish', 'score', 'settings', 'together']),
];

const engineRooms = [engine, ...floors.map(({ path }) => path)];

const house: readonly Room[] = [
  { path: 'shared', may: [], node: false, electron: false, packages: ['zod'] },
  ...screens,
  // The frame around the screens.
  ofInterface(
    'app',
    screens.map(({ path }) => path.replace('renderer/', '')),
    ['zod'],
  ),
  ...floors,
  // What brings them together: the engine itself, its status, its doctor and the calls.
  { path: engine, may: ['shared', ...engineRooms], node: true, electron: false, packages: [] },
  { path: 'electron/main', may: ['shared'], node: true, electron: true, packages: ['zod', 'electron-updater'] },
  { path: 'electron/preload', may: ['shared'], node: false, electron: true, packages: [] },
  { path: 'electron/entry/empty-dumps.ts', may: [], node: true, electron: false, packages: [] },
  {
    path: 'electron/entry/main.ts',
    may: ['shared', 'electron/main', 'electron/entry/empty-dumps.ts'],
    node: true,
    electron: true,
    packages: [],
  },
  {
    path: 'electron/entry/engine-process.ts',
    may: ['shared', 'electron/entry', ...engineRooms],
    node: true,
    electron: true,
    packages: 'any',
  },
  // What runs without a screen, `cli` above all, must start where there is no Electron.
  {
    path: 'electron/entry',
    may: ['shared', 'electron/entry/empty-dumps.ts', ...engineRooms],
    node: true,
    electron: false,
    packages: 'any',
  },
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
    return `${room.path} may not import ${other?.path ?? target}`;
  }
  if (isBuiltin(imports)) return room.node ? undefined : `${room.path} is not for Node`;
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(imports)?.[0] ?? imports;
  if (name === 'electron') return room.electron ? undefined : `${room.path} does not know Electron`;
  if (room.packages === 'any' || room.packages.includes(name)) return undefined;
  return `${room.path} may import no package${room.packages.length > 0 ? ` but ${room.packages.join(', ')}` : ''}`;
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
  const required = [...text.matchAll(/(?:(?<![.\w])require|\bgetBuiltinModule)\(\s*(['"])(.+?)\1\s*\)/g)].map(
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
