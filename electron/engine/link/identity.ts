import { createHash, createPrivateKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { AppError } from '../../../shared/errors/app-error.ts';
import { isNotFound, systemCode } from '../tree/file-error.ts';
import { isFailedFlush, syncFolder, unflushed } from '../tree/sync-file.ts';
import { writeFlushed } from '../tree/write-flushed.ts';

/** What an install shows of itself and proves with its key. Its links, its FTPS and its console use the same one. */
export interface Identity {
  /** SHA-256 of the certificate (DER), hex: the install's id. */
  readonly id: string;
  /** PEM. */
  readonly key: string;
  readonly cert: string;
}

const YEARS = 50;
const KEY_FILE = 'key.pem';
const CERT_FILE = 'cert.pem';
const PEM_BYTES_MAX = 64 * 1024;

/**
 * Reads the identity from `folder`, or makes one (EC P-256, self-signed) where the folder is not there or empty. One that
 * is there but cannot be read, or of which a half is missing, is `identity.unreadable`: a new one would end all pairings
 * silently.
 */
export async function loadOrCreateIdentity(folder: string): Promise<Identity> {
  if (await isAbsent(folder)) await createIdentity(folder);
  return loadIdentity(folder);
}

/** SHA-256 of a certificate in DER, hex. */
export function fingerprintOf(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex');
}

/** Rejects `identity.unreadable`. */
export async function loadIdentity(folder: string): Promise<Identity> {
  try {
    const key = await readPem(join(folder, KEY_FILE));
    const cert = await readPem(join(folder, CERT_FILE));
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key)))
      throw new Error('key and certificate do not belong together');
    return { id: fingerprintOf(certificate.raw), key, cert };
  } catch (error) {
    const reason = systemCode(error) ?? (error instanceof Error ? error.message : String(error));
    throw new AppError('identity.unreadable', { folder, reason }, error);
  }
}

async function isAbsent(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length === 0;
  } catch (error) {
    if (isNotFound(error)) return true;
    throw new AppError('identity.unreadable', { folder, reason: systemCode(error) ?? '' }, error);
  }
}

async function readPem(file: string): Promise<string> {
  const { mode, size } = await stat(file);
  if (size > PEM_BYTES_MAX) throw new Error('too large');
  // A copy or a backup that was put back may have lost the mode; a key that others can read is no key.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) await chmod(file, 0o600);
  return readFile(file, 'utf8');
}

/** Both files in a folder of their own that gets its name when they are durable: there is never half an identity. */
async function createIdentity(folder: string): Promise<void> {
  const made = await makeIdentity();
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const temporary = `${folder}.new-${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(temporary, { mode: 0o700 });
    await writeFlushed(join(temporary, KEY_FILE), made.key);
    await writeFlushed(join(temporary, CERT_FILE), made.cert);
    await syncFolder(temporary);
    await rename(temporary, folder);
    await syncFolder(parent).catch(async (error: unknown) => {
      // Pairings would count on it: it is made anew the next time.
      await rm(folder, { recursive: true });
      throw error;
    });
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (isFailedFlush(error)) throw unflushed(folder, error);
    // Another process was first: its identity is the one.
    const code = systemCode(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && !(code === 'EPERM' && !(await isAbsent(folder)))) throw error;
  }
}

async function makeIdentity(): Promise<{ key: string; cert: string }> {
  // Only needed once in an install's life: start-up stays short.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const host = hostname();
  const notBefore = new Date(Date.now() - 86_400_000);
  const notAfter = new Date(notBefore.getTime());
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + YEARS);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // RFC 5280 §4.1.2.2: positive, at most 20 octets.
    serialNumber: `1${randomBytes(16).toString('hex').slice(1)}`,
    name: 'CN=Lockstep',
    keys,
    signingAlgorithm: algorithm,
    notBefore,
    notAfter,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
        ...(/^[a-z0-9.-]+$/i.test(host) ? [{ type: 'dns' as const, value: host }] : []),
      ]),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{1,64}/g, '$&\n')}-----END PRIVATE KEY-----\n`;
  return { key, cert: certificate.toString('pem') };
}
