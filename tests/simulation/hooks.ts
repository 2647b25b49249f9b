import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * The register of what the simulation puts in the place of Node's own modules. The engine's sources run unchanged: what they
 * import by these names is another module here, with the same names in it.
 */
interface Redirection {
  /** With `node:`; the name without it is redirected too. */
  readonly specifier: `node:${string}`;
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
/** The folders of the replacements need the real modules. */
const replacing = redirections.map(({ module }) => new URL('.', new URL(module, import.meta.url)).href);

/** From now on; what was imported before stays as it is, so that the simulation itself is imported after it. */
export function installHooks(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const name = specifier.startsWith('node:') ? specifier : `node:${specifier}`;
      const found = redirections.find((each) => each.specifier === name);
      if (found === undefined || !isRedirected(context.parentURL, found)) return next(specifier, context);
      return { url: new URL(found.module, import.meta.url).href, format: 'module-typescript', shortCircuit: true };
    },
  });
}

function isRedirected(parent: string | undefined, { packages = [] }: Redirection): boolean {
  if (parent === undefined || !parent.startsWith(house)) return false;
  if (packages.some((name) => fileURLToPath(parent).includes(`/node_modules/${name}/`))) return true;
  return simulated.some((folder) => parent.startsWith(folder)) && !isReplacing(parent);
}

function isReplacing(parent: string): boolean {
  return parent === import.meta.url || replacing.some((folder) => parent.startsWith(folder));
}
