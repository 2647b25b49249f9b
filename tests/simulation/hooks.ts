import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * The register of what the simulation puts in the place of Node's own modules. The engine's sources run unchanged: what they
 * import by these names is another module here, with the same names in it.
 */
export interface Redirection {
  /** Of Node's modules with `node:`; the name without it is redirected too. */
  readonly specifier: string;
  /** Relative to this file. */
  readonly module: string;
  /** Packages whose own imports (or requires) are redirected beside those of the engine. */
  readonly packages?: readonly string[];
}

const redirections: readonly Redirection[] = [
  { specifier: 'node:fs', module: './disk/node-fs.ts' },
  { specifier: 'node:fs/promises', module: './disk/node-fs-promises.ts' },
  { specifier: 'node:sqlite', module: './disk/node-sqlite.ts' },
];

const house = new URL('../../', import.meta.url).href;
/** What is in them runs on the simulated machine. */
const simulated = ['electron/engine/', 'shared/', 'tests/simulation/'].map((folder) => house + folder);

/** From now on; what was imported before stays as it is, so that the simulation itself is imported after it. `more`: beside the disk. */
export function installHooks(more: readonly Redirection[] = []): void {
  const all = [...redirections, ...more];
  // The folders of the replacements need the real modules.
  const replacing = all.map(({ module }) => new URL('.', new URL(module, import.meta.url)).href);
  registerHooks({
    resolve(specifier, context, next) {
      const found = all.find((each) => each.specifier === specifier || each.specifier === `node:${specifier}`);
      const { parentURL } = context;
      if (found === undefined || parentURL === undefined || replacing.some((folder) => parentURL.startsWith(folder)))
        return next(specifier, context);
      if (!isRedirected(parentURL, found)) return next(specifier, context);
      return { url: new URL(found.module, import.meta.url).href, format: 'module-typescript', shortCircuit: true };
    },
  });
}

function isRedirected(parent: string, { packages = [] }: Redirection): boolean {
  if (!parent.startsWith(house) || parent === import.meta.url) return false;
  if (packages.some((name) => fileURLToPath(parent).includes(`/node_modules/${name}/`))) return true;
  return simulated.some((folder) => parent.startsWith(folder));
}
