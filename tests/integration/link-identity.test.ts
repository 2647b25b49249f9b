import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { loadOrCreateIdentity } from '../../electron/engine/link/identity.ts';
import { makeIdentity } from '../support/link-install.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

async function identityFolder(): Promise<string> {
  return join(await temporaryFolder(), 'data', 'identity');
}

test('an identity is made once and read from then on', async () => {
  const folder = await identityFolder();
  const made = await loadOrCreateIdentity(folder);
  expect(await loadOrCreateIdentity(folder)).toEqual(made);
  expect(made.id).toBe(new X509Certificate(made.cert).fingerprint256.replaceAll(':', '').toLowerCase());
  expect((await readdir(join(folder, '..'))).concat(await readdir(folder))).toEqual([
    'identity',
    'cert.pem',
    'key.pem',
  ]);
});

test.skipIf(process.platform === 'win32')('only its owner can read it, also where the mode got lost', async () => {
  const folder = await identityFolder();
  const made = await loadOrCreateIdentity(folder);
  const modes = async (): Promise<number[]> =>
    Promise.all([folder, join(folder, 'key.pem'), join(folder, 'cert.pem')].map(modeOf));
  expect(await modes()).toEqual([0o700, 0o600, 0o600]);
  await chmod(join(folder, 'key.pem'), 0o644);
  expect(await loadOrCreateIdentity(folder)).toEqual(made);
  expect(await modes()).toEqual([0o700, 0o600, 0o600]);
});

test('an empty folder is none; two processes at once make one', async () => {
  const folder = await identityFolder();
  await mkdir(folder, { recursive: true });
  const made = await Promise.all([1, 2, 3, 4].map(() => loadOrCreateIdentity(folder)));
  expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  expect(await readdir(join(folder, '..'))).toEqual(['identity']);
});

test.each<[string, (folder: string) => Promise<void>]>([
  ['without its key', (folder) => rm(join(folder, 'key.pem'))],
  ['without its certificate', (folder) => rm(join(folder, 'cert.pem'))],
  ['with an empty key', (folder) => writeFile(join(folder, 'key.pem'), '')],
  [
    'with half a certificate',
    async (folder) => {
      const cert = await readFile(join(folder, 'cert.pem'), 'utf8');
      await writeFile(join(folder, 'cert.pem'), cert.slice(0, cert.length / 2));
    },
  ],
  ['with the key of another', async (folder) => writeFile(join(folder, 'key.pem'), (await makeIdentity()).key)],
  [
    'with a folder for a key',
    async (folder) => {
      await rm(join(folder, 'key.pem'));
      await mkdir(join(folder, 'key.pem'));
    },
  ],
  ['with a huge key', (folder) => writeFile(join(folder, 'key.pem'), 'x'.repeat(100_000))],
])('an identity %s is reported and left as it is', async (_, harm) => {
  const folder = await identityFolder();
  await loadOrCreateIdentity(folder);
  await harm(folder);
  const before = await readdir(folder);
  await expect(loadOrCreateIdentity(folder)).rejects.toMatchObject({ code: 'identity.unreadable', params: { folder } });
  expect(await readdir(folder)).toEqual(before);
});

test('clients that verify accept it as its own authority, by name and by address, for fifty years', async () => {
  const { key, cert } = await makeIdentity();
  const server = createServer({ key, cert }, (socket) => socket.on('error', () => undefined).end());
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  for (const servername of ['localhost', '127.0.0.1']) {
    const socket = connect({ host: '127.0.0.1', port, ca: cert, ...(servername === 'localhost' && { servername }) });
    await once(socket, 'secureConnect');
    expect(socket.authorized).toBe(true);
    socket.destroy();
  }
  const { validFromDate, validToDate } = new X509Certificate(cert);
  expect(validToDate.getUTCFullYear() - validFromDate.getUTCFullYear()).toBe(50);
});
