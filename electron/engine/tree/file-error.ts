import { userInfo } from 'node:os';
import { RESERVED_FOLDER } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../../shared/errors/codes.ts';

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'file.not-found',
  EEXIST: 'file.exists',
  EISDIR: 'file.is-directory',
  ENOTDIR: 'file.not-directory',
  ENOTEMPTY: 'file.directory-not-empty',
  EACCES: 'file.denied',
  EPERM: 'file.denied',
  EROFS: 'file.read-only',
  ENOSPC: 'file.disk-full',
  EDQUOT: 'file.disk-full',
  EXDEV: 'file.other-disk',
  EFBIG: 'upload.too-large',
  ELOOP: 'path.link',
  ENAMETOOLONG: 'path.too-long',
  EILSEQ: 'path.unsupported-name',
  EINVAL: 'path.unsupported-name',
};

const HINDRANCES: ReadonlySet<ErrorCode> = new Set([
  'file.denied',
  'file.read-only',
  'file.disk-full',
  'file.other-disk',
  'file.io',
]);

/** An error of the file system as an `AppError` that names the site's path, never the machine's. Others pass unchanged. */
export function fileError(error: unknown, path: string): unknown {
  if (error instanceof AppError) return error;
  const code = systemCode(error);
  if (code === undefined) return error;
  return new AppError(codes[code] ?? 'file.io', { path, reason: code }, error);
}

/**
 * An error of what Lockstep does in the folder of a site as a whole, absolute, as an `AppError` that names that folder and the user who
 * needs the right: of our own folder in it a person knows nothing. Others pass as by `fileError`.
 */
export function rootError(error: unknown, root: string): unknown {
  const known = fileError(error, RESERVED_FOLDER);
  if (!(known instanceof AppError) || !isOfRoot(known.params['path'], root)) return known;
  if (known.code === 'file.read-only') return new AppError(known.code, { ...known.params, path: root }, known);
  if (known.code !== 'file.denied') return known;
  const user = nameOfUser();
  return new AppError('site.root-denied', { root, ...(user !== undefined && { user }) }, known);
}

/** An error of what Lockstep does in its data folder, absolute, as an `AppError` that names that folder. Others pass unchanged. */
export function dataFolderError(error: unknown, dataDir: string): unknown {
  const reason = error instanceof AppError ? error.params['reason'] : systemCode(error);
  if (reason === 'EMFILE' || reason === 'ENFILE') return new AppError('node.too-many-files', { dataDir }, error);
  const known = error instanceof AppError ? error.code : codes[systemCode(error) ?? ''];
  if (known === 'file.disk-full') return new AppError('node.disk-full', { dataDir }, error);
  if (error instanceof AppError) return error;
  if (known === 'file.read-only') return new AppError('node.read-only', { dataDir }, error);
  if (known === 'file.denied') return new AppError('node.denied', { dataDir, reason: systemCode(error) ?? '' }, error);
  if (reason === 'EIO') return new AppError('node.io', { dataDir, reason }, error);
  return error;
}

function isOfRoot(path: unknown, root: string): boolean {
  return path === root || (typeof path === 'string' && path.split('/')[0] === RESERVED_FOLDER);
}

function nameOfUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // Who has a number only.
    return undefined;
  }
}

export function isNotFound(error: unknown): boolean {
  const code = error instanceof AppError ? error.code : systemCode(error);
  return code === 'ENOENT' || code === 'file.not-found';
}

/** What is in the way is the disk, or a right, and nothing that somebody has put there: once that is mended the same can be done. */
export function isHindrance(error: unknown): error is AppError {
  return error instanceof AppError && HINDRANCES.has(error.code);
}

/** Nothing can stand there: it is gone, or what was a folder above it is a file by now. */
export function isNowhere(error: unknown): boolean {
  const code = error instanceof AppError ? error.code : systemCode(error);
  return isNotFound(error) || code === 'ENOTDIR' || code === 'file.not-directory';
}

/** `ENOENT` and its like; undefined for anything that is not an error of the operating system. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return 'syscall' in error || 'errno' in error ? error.code : undefined;
}
