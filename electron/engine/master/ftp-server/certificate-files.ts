import { createPrivateKey, X509Certificate } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Millis } from '../../../../shared/domain/change.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';

/** Where the certificate (with what leads to its authority) and its key are, in PEM. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly until: Millis;
}

/** A chain of ten certificates with keys of 4096 bits has a third of it. */
const PEM_BYTES_MAX = 64 * 1024;

/** Reads and checks a certificate that a person has got elsewhere. Rejects `certificate.unreadable`, `.mismatch`, `.expired`. */
export async function readCertificate(files: CertificateFiles, now: Millis): Promise<Certificate> {
  const [cert, key] = await Promise.all([readPem(files.cert), readPem(files.key)]);
  const leaf = parse(files.cert, () => new X509Certificate(cert));
  const privateKey = parse(files.key, () => createPrivateKey(key));
  if (!leaf.checkPrivateKey(privateKey)) throw new AppError('certificate.mismatch', { ...files });
  // What is taken for a certificate here may still be none for TLS: a broken chain, a key of another kind.
  parse(files.cert, () => createSecureContext({ cert, key }));
  const until = leaf.validToDate.getTime();
  if (until < now) throw new AppError('certificate.expired', { file: files.cert, until: dateOf(leaf.validToDate) });
  if (leaf.validFromDate.getTime() > now + DAY_MILLIS)
    throw new AppError('certificate.early', { file: files.cert, from: dateOf(leaf.validFromDate) });
  return { cert, key, until };
}

/** Clocks differ. */
const DAY_MILLIS = 86_400_000;

async function readPem(file: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(PEM_BYTES_MAX + 1), 0, PEM_BYTES_MAX + 1, 0);
      if (bytesRead > PEM_BYTES_MAX) throw new Error('too large');
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new AppError('certificate.unreadable', { file }, error);
  }
}

function parse<T>(file: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new AppError('certificate.unreadable', { file }, error);
  }
}

function dateOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
