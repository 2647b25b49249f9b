import { resolve } from 'node:path';
import type { InlineConfig, Plugin } from 'vite';
import { alias, external, target } from './bundle.ts';
import { out, root } from './run.ts';

const SQLITE = 'node:sqlite';

/**
 * An older Node refuses a file that imports what it does not have, before a line of it has run: `node:sqlite` is asked for in a
 * way that leaves time to say which Node is needed.
 */
function sqliteWhenAsked(): Plugin {
  const id = '\0sqlite-when-asked';
  return {
    name: 'sqlite-when-asked',
    enforce: 'pre',
    resolveId: (source) => (source === SQLITE ? id : null),
    load: (loaded) =>
      loaded === id ? "export const { DatabaseSync } = process.getBuiltinModule('node:sqlite');" : null,
  };
}

function withoutSqlite(each: string | RegExp): (string | RegExp)[] {
  if (typeof each !== 'string') return [each.test(SQLITE) ? /^node:(?!sqlite$)/ : each];
  return each === SQLITE ? [] : [each];
}

/** The command line as one file that runs on any Node 24, outside of a checkout and without node_modules. */
export const cli: InlineConfig = {
  root,
  configFile: false,
  publicDir: false,
  resolve: { alias },
  plugins: [sqliteWhenAsked()],
  ssr: { noExternal: true },
  build: {
    outDir: resolve(out, 'cli'),
    emptyOutDir: true,
    target,
    ssr: resolve(root, 'electron', 'entry', 'cli.ts'),
    minify: false,
    rolldownOptions: {
      external: external.flatMap(withoutSqlite),
      output: {
        format: 'es',
        entryFileNames: 'lockstep.mjs',
        codeSplitting: false,
      },
    },
  },
};
