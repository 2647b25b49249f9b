import { isWithin, parseSitePath, ROOT, type SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { unwrap } from '../../../../shared/errors/result.ts';

/**
 * The path that a client means by `arg`, as the site knows it. `folder` is what the account sees as `/`, `cwd` is within it.
 * `.` and `..` are resolved by name, as nothing here follows links. `..` above the account's root stays there
 * for `CWD`, as clients expect of FTP servers, and is refused for everything else. Throws `path.*`.
 */
export function resolvePath(folder: SitePath, cwd: SitePath, arg: string, aboveRoot: 'stay' | 'refuse'): SitePath {
  const segments = arg.startsWith('/') ? [] : relative(folder, cwd).split('/');
  for (const segment of arg.split('/')) {
    if (segment === '..') {
      while (segments.at(-1) === '') segments.pop();
      if (segments.pop() === undefined && aboveRoot === 'refuse')
        throw new AppError('path.invalid', { path: arg.slice(0, 200) });
    } else if (segment !== '' && segment !== '.') {
      segments.push(segment);
    }
  }
  return unwrap(parseSitePath([folder, ...segments].join('/')));
}

/** How the client sees a path: absolute, from the account's root. */
export function clientPath(folder: SitePath, path: SitePath): string {
  return `/${relative(folder, path)}`;
}

/** RFC 959, appendix II: in a quoted path quotes are doubled. */
export function quoted(path: string): string {
  return `"${path.replaceAll('"', '""')}"`;
}

function relative(folder: SitePath, path: SitePath): string {
  if (!isWithin(path, folder)) throw new TypeError('a path outside the folder of the account');
  return folder === ROOT ? path : path.slice(folder.length + 1);
}
