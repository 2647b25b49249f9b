import type { SitePath } from '../../shared/domain/site-path.ts';

/**
 * On a disk that folds case: what has to go, at or above `path`, for `clash` to get its place; undefined: `path` is not in its way.
 * `a/x` is so of `A/y`, by `a`.
 */
export function spelledOtherwise(path: string, clash: string): SitePath | undefined {
  const [names, others] = [path.split('/'), clash.split('/')];
  const at = names.findIndex((name, index) => name !== others[index]);
  const isSame = at >= 0 && names[at]?.toLowerCase() === others[at]?.toLowerCase();
  return isSame ? (names.slice(0, at + 1).join('/') as SitePath) : undefined;
}
