import { createServer, type Server, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { compare } from '../../electron/engine/publishing/compare.ts';
import { Connection, LISTING_ENTRIES_MAX } from '../../electron/engine/publishing/connection.ts';
import { ftpPlace } from '../../electron/engine/publishing/ftp-place.ts';
import { HashCache } from '../../electron/engine/publishing/hash-cache.ts';
import { readLocalTree } from '../../electron/engine/publishing/local-tree.ts';
import { ROOT } from '../../shared/domain/site-path.ts';
import { folderOf } from '../support/drops.ts';

const signal = new AbortController().signal;
const options = { into: ROOT, delete: true, hashes: new HashCache(), signal, width: 1 };

/** A server that lists these in every folder. */
function listing(...names: string[]): Connection {
  const infos = names.map((name) => ({
    name,
    size: 0,
    isFile: name.startsWith('f'),
    isDirectory: !name.startsWith('f'),
  }));
  return { features: new Set(), has: () => false, list: () => Promise.resolve(infos) } as unknown as Connection;
}

test('a server that makes up folders without end is not gone through for ever', async () => {
  const tree = await readLocalTree([await folderOf({ 'a.txt': '' })], ROOT, signal);
  const files = Array.from({ length: 2000 }, (_, number) => `f${number}`);
  await expect(compare(tree, ftpPlace(listing(...files, 'd', 'e'), ''), options)).rejects.toMatchObject({
    code: 'release.too-large',
  });
});

test('a name that a server lists is not composed where it is longer than any', async () => {
  const tree = await readLocalTree([await folderOf({ 'a.txt': '' })], ROOT, signal);
  // Marks of two classes in the wrong order: to compose so many takes minutes.
  const name = `a${'\u0301'.repeat(500_000)}${'\u0323'.repeat(500_000)}`;
  const composed = vi.spyOn(String.prototype, 'normalize');
  const { removed } = await compare(tree, ftpPlace(listing(name), ''), options);
  expect(composed.mock.contexts.every((text) => String(text).length < 1000)).toBe(true);
  composed.mockRestore();
  expect(removed).toEqual([]);
});

/** Listens at a port of loopback. */
async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

test.each([
  [LISTING_ENTRIES_MAX, undefined],
  [LISTING_ENTRIES_MAX + 1, 'limit.exceeded'],
])('of a listing of %s entries comes: %s', async (count, code) => {
  const data = await listen(createServer((socket) => socket.end('type=dir; a\r\n'.repeat(count))));
  const replies: Record<string, string> = {
    USER: '331 password',
    PASS: '230 welcome',
    FEAT: '211-Features\r\n MLST type*;\r\n211 End',
    PWD: '257 "/"',
    EPSV: `229 (|||${data}|)`,
    MLSD: '150 here\r\n226 done',
  };
  const serve = (socket: Socket): void => {
    socket.on('error', () => undefined);
    socket.write('220 hello\r\n');
    socket.on('data', (bytes) => {
      for (const line of String(bytes).split('\r\n').filter(Boolean))
        socket.write(`${replies[line.slice(0, 4).trim()] ?? '200 well'}\r\n`);
    });
  };
  const place = { host: '127.0.0.1', port: await listen(createServer(serve)), protocol: 'ftp', user: 'ana' } as const;
  const connection = await Connection.open({ ...place, trust: { by: 'authority' }, password: 'p' }, signal);
  onTestFinished(() => connection.close());
  const found = await ftpPlace(connection, '')
    .list(ROOT)
    .catch((error: unknown) => error);
  expect(found).toMatchObject(code === undefined ? { length: count } : { code });
});
