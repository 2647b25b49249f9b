import { X509Certificate } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdtemp, readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../../shared/contract/doctor.ts';
import { RESERVED_FOLDER } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { sentenceParts } from '../../shared/errors/sentences.en.ts';

const DAY_MILLIS = 86_400_000;
const EXPIRY_DAYS = 30;
const DISK_BYTES = { problem: 100 * 2 ** 20, warning: 2 ** 30 };

export async function examineDataFolder(dataDir: string): Promise<Finding> {
  const { mode } = await stat(dataDir);
  if (process.platform === 'win32' || (mode & 0o077) === 0)
    return { check: 'data-folder', level: 'ok', sentence: 'Only you can look into the data folder.' };
  return {
    check: 'data-folder',
    level: 'warning',
    sentence: 'Others of this machine can look into the data folder.',
    mend: `chmod 700 ${dataDir}`,
  };
}

export async function examineIdentity(dataDir: string, now: number): Promise<Finding[]> {
  const folder = join(dataDir, 'identity');
  const names = await readdir(folder).catch(() => []);
  if (names.length === 0)
    return [{ check: 'identity', level: 'ok', sentence: 'The identity is made at the first start.' }];
  const findings: Finding[] = [];
  for (const name of names) {
    const { mode } = await stat(join(folder, name));
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      findings.push({
        check: 'identity',
        level: 'problem',
        sentence: `Others of this machine can read identity/${name}.`,
        mend: `chmod 600 ${join(folder, name)}; if others may have read it, make the install anew and pair it again.`,
      });
  }
  const certificate = await readCertificate(folder, names);
  if (!certificate)
    return [
      ...findings,
      {
        check: 'identity',
        level: 'problem',
        sentence: 'The identity is not whole: there is no certificate that can be read.',
        mend: 'Put the folder identity/ back from a backup; without it, make the install anew and pair it again.',
      },
    ];
  const left = Math.floor((certificate.validToDate.getTime() - now) / DAY_MILLIS);
  if (certificate.validFromDate.getTime() > now + DAY_MILLIS)
    findings.push({
      check: 'clock',
      level: 'problem',
      sentence: `The clock of this machine says ${new Date(now).toISOString()}, which is before its own certificate was made.`,
      mend: 'Set the clock, best by NTP.',
    });
  if (left < EXPIRY_DAYS)
    findings.push({
      check: 'identity',
      level: left < 0 ? 'problem' : 'warning',
      sentence: left < 0 ? 'The certificate has expired.' : `The certificate expires in ${left} days.`,
      mend: 'Make the install anew and pair it again.',
    });
  return findings.length > 0
    ? findings
    : [
        {
          check: 'identity',
          level: 'ok',
          sentence: `The certificate is valid until ${certificate.validToDate.toISOString().slice(0, 10)}, its key private.`,
        },
      ];
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

export async function examineRoot(site: string, root: string): Promise<Finding[]> {
  const folder = await stat(root).catch(() => undefined);
  if (!folder?.isDirectory())
    return [{ ...problem('folder', new AppError('site.root-missing', { root })), subject: site }];
  const own = join(root, RESERVED_FOLDER);
  const ownFolder = await stat(own).catch(() => undefined);
  if (ownFolder && ownFolder.dev !== folder.dev)
    return [
      {
        check: 'folder',
        subject: site,
        level: 'problem',
        sentence: `${own} is on another file system than ${root}: a file could not be put in place in one step.`,
        mend: 'Stop Lockstep and take that mount away.',
      },
    ];
  const refusal = await tryWrite(ownFolder ? own : root, ownFolder !== undefined);
  if (refusal !== undefined)
    return [
      {
        check: 'folder',
        subject: site,
        level: 'problem',
        sentence: `Nothing can be written into ${root} (${refusal}).`,
        mend: 'Give the user that runs Lockstep the right to write there.',
      },
    ];
  const writable: Finding = { check: 'folder', subject: site, level: 'ok', sentence: `Files can be put into ${root}.` };
  return [writable, { ...(await examineDisk(root, root)), subject: site }];
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

export async function examineDisk(folder: string, name: string): Promise<Finding> {
  const { bavail, bsize, blocks } = await statfs(folder);
  const free = bavail * bsize;
  const text = `${(free / 2 ** 30).toFixed(1)} GiB (${blocks > 0 ? Math.floor((100 * bavail) / blocks) : 0} %) are free at ${name}.`;
  if (free >= DISK_BYTES.warning) return { check: 'disk', level: 'ok', sentence: text };
  return {
    check: 'disk',
    level: free < DISK_BYTES.problem ? 'problem' : 'warning',
    sentence: `Only ${text}`,
    mend: 'Free some space: what does not fit waits, and visitors see the file of before.',
  };
}

/** What an `AppError` says, as a finding. */
export function problem(check: Finding['check'], error: AppError): Finding {
  const { what, mend } = sentenceParts(error);
  return { check, level: 'problem', sentence: what, mend };
}
