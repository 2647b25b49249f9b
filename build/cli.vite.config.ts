import { resolve } from 'node:path';
import type { InlineConfig } from 'vite';
import { alias, external, target } from './bundle.ts';
import { out, root } from './run.ts';

/** The command line as one file that runs on any Node 24, outside of a checkout and without node_modules. */
export const cli: InlineConfig = {
  root,
  configFile: false,
  publicDir: false,
  resolve: { alias },
  ssr: { noExternal: true },
  build: {
    outDir: resolve(out, 'cli'),
    emptyOutDir: true,
    target,
    ssr: resolve(root, 'electron', 'entry', 'cli.ts'),
    minify: false,
    rolldownOptions: {
      external,
      output: {
        format: 'es',
        entryFileNames: 'lockstep.mjs',
        codeSplitting: false,
      },
    },
  },
};
