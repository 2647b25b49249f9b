import { X509Certificate } from 'node:crypto';
import type { CallResult } from '../../../shared/contract/calls.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { fingerprintOf } from '../link/identity.ts';
import { readCertificate } from '../master/ftp-server/certificate-files.ts';
import type { CallContext } from './context.ts';

type Shown = CallResult<'node.certificates'>['own'];

/** The certificates that others see of this install. */
export async function readCertificates({ node }: CallContext): Promise<CallResult<'node.certificates'>> {
  const own = shown(node.identity.cert);
  const files = node.config.ftp?.certificate;
  if (!files) return { own };
  try {
    const { cert } = await readCertificate(files, node.now());
    return { own, ftp: { file: files.cert, shown: shown(cert) } };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { own, ftp: { file: files.cert, error: error.toJSON() } };
  }
}

function shown(pem: string): Shown {
  const { raw, validFromDate, validToDate } = new X509Certificate(pem);
  return { fingerprint: fingerprintOf(raw), from: validFromDate.getTime(), until: validToDate.getTime() };
}
