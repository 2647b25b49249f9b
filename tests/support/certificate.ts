import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Identity, loadOrCreateIdentity } from '../../electron/engine/link/identity.ts';

const DAY_MILLIS = 86_400_000;

/** One that is good from `from` until `until`, in days from now. */
export async function makeDated(from: number, until: number): Promise<{ key: string; cert: string }> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Lockstep',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() + from * DAY_MILLIS),
    notAfter: new Date(Date.now() + until * DAY_MILLIS),
  });
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'), cert: certificate.toString('pem') };
}

/** A fresh self-signed certificate with its key, as PEM. */
export async function makeCertificate(): Promise<Identity> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-identity-'));
  try {
    return await loadOrCreateIdentity(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
