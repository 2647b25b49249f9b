import type * as real from '../../../electron/engine/link/identity.ts';
import { createECDH, createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { basename, dirname } from 'node:path';

/**
 * In the place of the install's identity: a key that follows from the name of its data folder, and the public one where a
 * certificate would be.
 */
export async function loadOrCreateIdentity(folder: string) {
  return identityOf(basename(dirname(folder)));
}

export const loadIdentity: typeof real.loadIdentity = loadOrCreateIdentity;

export function identityOf(name: string): { id: string; key: string; cert: string } {
  const known = identities.get(name);
  if (known) return known;
  const secret = createHash('sha256').update(`simulated ${name}`).digest();
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
  const jwk = { kty: 'EC', crv: 'P-256', d: secret.toString('base64url'), x: x ?? '', y: y ?? '' };
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const publicKey = createPublicKey(key);
  const made = {
    id: fingerprintOf(publicKey.export({ format: 'der', type: 'spki' })),
    key: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
    cert: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  };
  identities.set(name, made);
  return made;
}

const identities = new Map<string, { id: string; key: string; cert: string }>();

export function fingerprintOf(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex');
}
