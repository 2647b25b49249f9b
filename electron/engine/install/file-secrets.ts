import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmod, link, readFile, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Secrets } from '../ports.ts';
import { isNotFound, systemCode } from '../tree/file-error.ts';
import { isFailedFlush, syncFolder, unflushed } from '../tree/sync-file.ts';
import { writeFlushed } from '../tree/write-flushed.ts';

const KEY_FILE = 'secrets.key';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Says how it was sealed, so that another way can stand beside it one day. */
const PREFIX = 'file1.';

/**
 * Secrets under a key in a file of the identity's folder (AES-256-GCM), for where no keychain is: whoever may read the identity
 * may read them too. The key is made when the first secret is sealed.
 */
export function fileSecrets(dataDir: string): Secrets {
  const file = join(dataDir, 'identity', KEY_FILE);
  return {
    protection: 'file',
    async seal(plain) {
      const key = (await readKey(file)) ?? (await makeKey(file));
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return PREFIX + Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
    },
    async open(sealed) {
      const key = await readKey(file);
      if (!key || !sealed.startsWith(PREFIX)) throw new AppError('secret.unreadable');
      const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url');
      try {
        const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAuthTag(tag);
        const plain = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES));
        return Buffer.concat([plain, decipher.final()]).toString('utf8');
      } catch (error) {
        throw new AppError('secret.unreadable', {}, error);
      }
    },
  };
}

async function readKey(file: string): Promise<Buffer | undefined> {
  try {
    const { mode } = await stat(file);
    // A backup that was put back may have lost the mode.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) await chmod(file, 0o600);
    const key = await readFile(file);
    if (key.length !== KEY_BYTES) throw new AppError('secret.unreadable');
    return key;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error instanceof AppError ? error : new AppError('secret.unreadable', {}, error);
  }
}

/** Whole or not at all, and never in the place of one that is there: what was sealed with that would be lost. */
async function makeKey(file: string): Promise<Buffer> {
  const key = randomBytes(KEY_BYTES);
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFlushed(temporary, key);
    await link(temporary, file);
    // What is sealed with it from here on is in the database, and durable.
    await syncFolder(dirname(file)).catch(async (error: unknown) => {
      await unlink(file);
      throw error;
    });
    return key;
  } catch (error) {
    if (isFailedFlush(error)) throw unflushed(file, error);
    const other = systemCode(error) === 'EEXIST' ? await readKey(file) : undefined;
    if (other) return other;
    throw new AppError('secret.unprotected', {}, error);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}
