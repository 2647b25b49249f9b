import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadOrCreateIdentity } from '../../electron/engine/link/identity.ts';

/** A fresh self-signed certificate with its key, as PEM. */
export async function makeCertificate(): Promise<{ key: string; cert: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-identity-'));
  try {
    const { key, cert } = await loadOrCreateIdentity(folder);
    return { key, cert };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
