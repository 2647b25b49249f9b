import picomatch from 'picomatch';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { compileWildcards, isCostly } from '../../../shared/domain/wildcards.ts';

export interface Route {
  readonly glob: string;
  readonly mirrors: 'all' | readonly string[];
}

/** Which mirrors get a path. The first route whose glob matches decides; no match: none; no routes at all: every mirror. */
export type Router = (path: SitePath, mirror: string) => boolean;

export function compileRoutes(routes: readonly Route[]): Router {
  if (routes.length === 0) return () => true;
  const compiled = routes.map(({ glob, mirrors }) => ({ matches: compileGlob(glob), mirrors }));
  return (path, mirror) => {
    const mirrors = compiled.find((route) => route.matches(path))?.mirrors;
    return mirrors === 'all' || (mirrors?.includes(mirror) ?? false);
  };
}

/** `*` within a segment, `**` across, `{a,b}`, `[a-z]`; names that begin with a dot count like all others. What is no pattern matches itself: `a (1).jpg`. */
export function compileGlob(glob: string): (path: string) => boolean {
  const plain = glob.replace(/^\//, '');
  const matches = compileWildcards(plain) ?? compileExpression(plain);
  return (path) => path === plain || matches(path);
}

/** Patterns with `(a|b)`, `!` and the like. */
function compileExpression(glob: string): (path: string) => boolean {
  if (isCostly(glob)) return () => false;
  // A `+` repeats nothing: a group that repeats what repeats itself could try more ways than there is time.
  const plain = glob.replace(/\\.|\+/gs, (sign) => (sign === '+' ? '\\+' : sign));
  return picomatch(plain, { dot: true, strictSlashes: true, noextglob: true });
}

/** False: it names one path. */
export function isGlob(text: string): boolean {
  return /[*?[\]{}()!+@|\\]/.test(text);
}
