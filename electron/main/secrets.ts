import { safeStorage } from 'electron';
import type { FromEngine } from '../../shared/contract/desktop.ts';

type Backend = ReturnType<typeof safeStorage.getSelectedStorageBackend>;

/**
 * Whether the system keeps secrets from other users and programs. On Linux there are sessions without a keyring: there Chromium
 * would seal with a key that everybody knows, which is no protection.
 */
export function isProtected(platform: NodeJS.Platform, isAvailable: boolean, backend: () => Backend): boolean {
  if (!isAvailable) return false;
  if (platform !== 'linux') return true;
  switch (backend()) {
    case 'gnome_libsecret':
    case 'kwallet':
    case 'kwallet5':
    case 'kwallet6':
      return true;
    case 'basic_text':
    case 'unknown':
      return false;
  }
}

/**
 * Answers the engine's process. `protection`: `system` or `none`. `seal`: base64 of what the system made of the text; `open` the
 * other way round. null: refused, or it cannot be done.
 */
export async function answerSecret(
  { op, text }: Pick<Extract<FromEngine, { type: 'secret' }>, 'op' | 'text'>,
  platform: NodeJS.Platform,
): Promise<string | null> {
  try {
    const available = await safeStorage.isAsyncEncryptionAvailable();
    const protects = isProtected(platform, available, () => safeStorage.getSelectedStorageBackend());
    switch (op) {
      case 'protection':
        return protects ? 'system' : 'none';
      case 'seal':
        return protects ? (await safeStorage.encryptStringAsync(text)).toString('base64') : null;
      case 'open':
        // Also where nothing protects: what was sealed when something did may still open.
        return (await safeStorage.decryptStringAsync(Buffer.from(text, 'base64'))).result;
    }
  } catch {
    // The keyring is locked, its key is gone, or the text is not of it.
    return null;
  }
}
