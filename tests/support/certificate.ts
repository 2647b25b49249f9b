import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Identity, loadOrCreateIdentity } from '../../electron/engine/link/identity.ts';

/** A fresh self-signed certificate with its key, as PEM. */
export async function makeCertificate(): Promise<Identity> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-identity-'));
  try {
    return await loadOrCreateIdentity(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
