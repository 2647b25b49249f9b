import { ensureBuilt } from '../../build/built.ts';

/** Vitest, once before all files: their processes are those of the built command line. */
export async function setup(): Promise<void> {
  if (!(await ensureBuilt())) throw new Error('the build failed');
}
