import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const standin = join(import.meta.dirname, 'electron-standin');

export interface ElectronExecutable {
  readonly kind: 'real' | 'stand-in';
  /** The folder that holds the executable. */
  readonly path: string;
}

/**
 * The Electron to test on: the real one where its binary is there, else the stand-in.
 * LOCKSTEP_E2E_ELECTRON=real demands the real one, as a release does; =stand-in takes the other in any case.
 */
export function electronExecutable(): ElectronExecutable {
  const wanted = process.env['LOCKSTEP_E2E_ELECTRON'];
  const real = installedElectron();
  if (wanted !== 'stand-in' && real !== undefined) return { kind: 'real', path: real };
  if (wanted === 'real') throw new Error('the Electron binary is not installed: npx install-electron');
  return { kind: 'stand-in', path: standin };
}

function installedElectron(): string | undefined {
  const folder = join(root, 'node_modules', 'electron');
  if (!existsSync(join(folder, 'path.txt'))) return undefined;
  const dist = join(folder, 'dist');
  return existsSync(join(dist, readFileSync(join(folder, 'path.txt'), 'utf8'))) ? dist : undefined;
}
