import { X509Certificate } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdtemp, readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../../../shared/contract/doctor.ts';
import { RESERVED_FOLDER } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import {
  type CertificateFiles,
  readCertificate as readFtpCertificate,
} from '../master/ftp-server/certificate-files.ts';
import type { RootUse } from '../tree/site-root.ts';
import { found, problem } from './finding.ts';

const DAY_MILLIS = 86_400_000;
/** Certificates that live for 90 days are renewed 30 days before their end. */
const RENEWAL_DAYS = 14;
const EXPIRY_DAYS = 30;
const DISK_BYTES = { problem: 100 * 2 ** 20, warning: 2 ** 30 };

export async function examineDataFolder(dataDir: string): Promise<Finding> {
  const { mode } = await stat(dataDir);
  if (process.platform === 'win32' || (mode & 0o077) === 0) return found('data-folder', 'ok', 'data-folder-private');
  return found('data-folder', 'warning', 'data-folder-open', { dir: dataDir });
}

export async function examineIdentity(dataDir: string, now: number): Promise<Finding[]> {
  const folder = join(dataDir, 'identity');
  const names = await readdir(folder).catch(() => []);
  if (names.length === 0) return [found('identity', 'ok', 'identity-at-start')];
  const findings: Finding[] = [];
  for (const name of names) {
    const { mode } = await stat(join(folder, name));
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      findings.push(found('identity', 'problem', 'identity-readable', { name, file: join(folder, name) }));
  }
  const certificate = await readCertificate(folder, names);
  if (!certificate) return [...findings, found('identity', 'problem', 'identity-broken')];
  const left = Math.floor((certificate.validToDate.getTime() - now) / DAY_MILLIS);
  if (certificate.validFromDate.getTime() > now + DAY_MILLIS)
    findings.push(found('clock', 'problem', 'clock-before', { now: new Date(now).toISOString() }));
  if (left < 0) findings.push(found('identity', 'problem', 'identity-expired'));
  else if (left < EXPIRY_DAYS) findings.push(found('identity', 'warning', 'identity-expires', { days: left }));
  if (findings.length > 0) return findings;
  return [found('identity', 'ok', 'identity-valid', { until: certificate.validToDate.toISOString().slice(0, 10) })];
}

/** What is wrong with the certificate that a person has set for FTP; nothing where it is right, or there is none. */
export async function examineOwnCertificate(files: CertificateFiles | undefined, now: number): Promise<Finding[]> {
  if (!files) return [];
  try {
    const left = Math.floor(((await readFtpCertificate(files, now)).until - now) / DAY_MILLIS);
    return left < RENEWAL_DAYS
      ? [found('identity', 'warning', 'certificate-expires', { file: files.cert, days: left })]
      : [];
  } catch (error) {
    if (error instanceof AppError) return [problem('identity', error)];
    throw error;
  }
}

async function readCertificate(folder: string, names: readonly string[]): Promise<X509Certificate | undefined> {
  for (const name of names) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => '');
    const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text)?.[0];
    if (pem === undefined) continue;
    try {
      return new X509Certificate(pem);
    } catch {
      return undefined;
    }
  }
  return undefined;
}

export async function examineRoot(site: string, root: string, use: RootUse): Promise<Finding[]> {
  const folder = await stat(root).catch(() => undefined);
  if (!folder?.isDirectory())
    return [{ ...problem('folder', new AppError('site.root-missing', { root, ...use })), subject: site }];
  const own = join(root, RESERVED_FOLDER);
  const ownFolder = await stat(own).catch(() => undefined);
  if (ownFolder && ownFolder.dev !== folder.dev)
    return [{ ...found('folder', 'problem', 'folder-other-disk', { own, root }), subject: site }];
  const reason = (await tryWrite(root, false)) ?? (ownFolder && (await tryWrite(own, true)));
  if (reason === 'EROFS')
    return [{ ...problem('folder', new AppError('file.read-only', { path: root })), subject: site }];
  if (reason !== undefined)
    return [{ ...found('folder', 'problem', 'folder-unwritable', { root, reason }), subject: site }];
  const writable: Finding = { ...found('folder', 'ok', 'folder-writable', { root }), subject: site };
  return [
    writable,
    ...examineMask(root).map((finding) => ({ ...finding, subject: site })),
    { ...(await examineDisk(root, { where: root })), subject: site },
  ];
}

/** Who may read new files. A group may well be that of the web server; with nobody at all a site is not served. */
function examineMask(root: string): Finding[] {
  // oxlint-disable-next-line typescript/no-deprecated -- for a moment it sets none, and there is no other way to ask
  const mask = process.umask();
  if (process.platform === 'win32' || (mask & 0o004) === 0) return [];
  const isGroup = (mask & 0o040) === 0;
  const params = { root, mask: mask.toString(8).padStart(3, '0'), ...(isGroup && { group: true }) };
  return [found('folder', isGroup ? 'ok' : 'warning', 'folder-mask', params)];
}

/** Inside our own folder by writing, elsewhere by asking: what lies in a site may be published at once. */
async function tryWrite(folder: string, isOurs: boolean): Promise<string | undefined> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    if (isOurs) await rm(await mkdtemp(join(folder, 'doctor-')), { recursive: true });
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'refused';
  }
}

export async function examineDisk(
  folder: string,
  of: { readonly where: string } | { readonly dataFolder: true },
): Promise<Finding> {
  const { bavail, bsize, blocks } = await statfs(folder);
  const free = bavail * bsize;
  const percent = blocks > 0 ? Math.floor((100 * bavail) / blocks) : 0;
  const size = free < 1e9 ? { megabytes: Math.floor(free / 1e6) } : { size: (free / 1e9).toFixed(1) };
  const params = { ...size, percent, ...of };
  if (free >= DISK_BYTES.warning) return found('disk', 'ok', 'disk-free', params);
  return found('disk', free < DISK_BYTES.problem ? 'problem' : 'warning', 'disk-low', params);
}
