import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileSecrets } from '../../electron/engine/install/file-secrets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PLAIN = 'pässword 日本 ✓';

async function aDataFolder(): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'identity'));
  return folder;
}

test('a secret comes back from what was stored, also in another process, and never stands in it', async () => {
  const dataDir = await aDataFolder();
  const sealed = await fileSecrets(dataDir).seal(PLAIN);
  expect(await fileSecrets(dataDir).open(sealed)).toBe(PLAIN);
  expect(sealed).not.toContain('ssword');
  expect(await fileSecrets(dataDir).seal(PLAIN)).not.toBe(sealed);
  expect(await readdir(join(dataDir, 'identity'))).toEqual(['secrets.key']);
});

test.skipIf(process.platform === 'win32')(
  'the key is for its owner only, also after a backup was put back',
  async () => {
    const dataDir = await aDataFolder();
    const key = join(dataDir, 'identity', 'secrets.key');
    const sealed = await fileSecrets(dataDir).seal(PLAIN);
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    await chmod(key, 0o644);
    await fileSecrets(dataDir).open(sealed);
    expect((await stat(key)).mode & 0o777).toBe(0o600);
  },
);

test('two that seal the first secrets at the same time use one key', async () => {
  const dataDir = await aDataFolder();
  const sealed = await Promise.all(Array.from({ length: 20 }, () => fileSecrets(dataDir).seal(PLAIN)));
  const opened = await Promise.all(sealed.map((each) => fileSecrets(dataDir).open(each)));
  expect(new Set(opened)).toEqual(new Set([PLAIN]));
});

test('what was changed, cut, or sealed with another key is refused, and the key is never made anew', async () => {
  const dataDir = await aDataFolder();
  const secrets = fileSecrets(dataDir);
  const sealed = await secrets.seal(PLAIN);
  const key = await readFile(join(dataDir, 'identity', 'secrets.key'));
  const unreadable = expect.objectContaining({ code: 'secret.unreadable' });
  await expect(secrets.open(sealed.slice(0, -4))).rejects.toEqual(unreadable);
  await expect(secrets.open('file1.')).rejects.toEqual(unreadable);
  await expect(secrets.open('')).rejects.toEqual(unreadable);
  await expect(fileSecrets(await aDataFolder()).open(sealed)).rejects.toEqual(unreadable);
  await writeFile(join(dataDir, 'identity', 'secrets.key'), key.subarray(1));
  await expect(secrets.seal(PLAIN)).rejects.toEqual(unreadable);
});
