import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.ts';

/** Why Electron cannot run here, whatever is installed; undefined: nothing is known against it. */
export function whyElectronCannotRun(): string | undefined {
  const { platform, env } = process;
  if (platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return 'there is no display';
  if (platform === 'linux' && process.getuid?.() === 0) return 'Electron does not run as root';
  return undefined;
}

/** The binary that its package has fetched; undefined where it has not. */
export function installedElectron(): string | undefined {
  const folder = join(root, 'node_modules', 'electron');
  if (!existsSync(join(folder, 'path.txt'))) return undefined;
  const path = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8'));
  return existsSync(path) ? path : undefined;
}
