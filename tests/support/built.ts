import { ensureBuilt } from '../../build/built.ts';
import { useRunFolder } from './run-folder.ts';

/** Vitest, once before all files: their processes are those of the built command line. Returns what ends it. */
export async function setup(): Promise<() => void> {
  if (!(await ensureBuilt())) throw new Error('the build failed');
  return useRunFolder();
}
