import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { out, root, run } from './run.ts';

/** What a build is made from, and the parts of it that must be there afterwards. */
const SOURCES = [
  '{shared,electron,renderer}/**/*',
  'build/{build,bundle,electron.vite.config,cli.vite.config}.ts',
  'package-lock.json',
];
const PRODUCTS = [
  'main/main.js',
  'main/engine-process.js',
  'preload/preload.cjs',
  'renderer/index.html',
  'cli/lockstep.mjs',
];

const stamp = join(out, '.sources');

/** Builds unless what is in out/ was made from the present sources; false where the build fails. */
export async function ensureBuilt(): Promise<boolean> {
  const whole = PRODUCTS.every((product) => existsSync(join(out, product)));
  if (whole && existsSync(stamp) && readFileSync(stamp, 'utf8') === sources()) return true;
  const { code } = await run(process.execPath, ['build/build.ts'], 'show');
  return code === 0;
}

/** Remembers what the build that has just been made was made from, as `sources` told before it began. */
export function stampBuild(from: string): void {
  mkdirSync(out, { recursive: true });
  writeFileSync(stamp, from);
}

/** Changes whenever a source is edited, added or removed. */
export function sources(): string {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap((glob) => globSync(glob, { cwd: root })).sort()) {
    const { size, mtimeMs } = statSync(join(root, file));
    hash.update(`${file}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}
