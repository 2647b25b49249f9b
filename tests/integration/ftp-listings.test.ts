import { chmod, chown, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { FileInfo } from '../../electron/engine/master/site-files.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { RawFtp } from '../support/ftp-raw-client.ts';
import { startFtp } from '../support/ftp-server.ts';

const NOBODY = 65_534;
const mayChange = process.platform === 'linux' && process.getuid?.() === 0;
if (!mayChange) process.stderr.write('skipped: only root can be somebody else, who may not look at a file\n');

test.runIf(mayChange)('a listing that would have to leave something out is refused', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  const shut = join(ftp.root, 'shut');
  await mkdir(shut);
  await writeFile(join(shut, 'page'), 'page');
  for (const each of ['', ...(await readdir(ftp.root, { recursive: true }))])
    await chown(join(ftp.root, each), NOBODY, NOBODY);
  await chmod(dirname(ftp.root), 0o755);
  // Its names may be read, and nothing else of what is in it.
  await chmod(shut, 0o400);
  process.seteuid?.(NOBODY);
  onTestFinished(() => process.seteuid?.(0));
  for (const verb of ['LIST', 'NLST', 'MLSD'])
    await expect(client.download(`${verb} shut`), verb).rejects.toThrow(/^550 /);
  expect(await client.command('STAT shut')).toMatch(/^550 /);
  process.seteuid?.(0);
  expect((await client.download('NLST shut')).toString()).toBe('shut/page\r\n');
});

test('one that has begun by then does not end as if it were whole', async () => {
  const seen: FileInfo = { name: 'seen', kind: 'file', size: 1, mtime: 0, mode: 0o644 };
  const entries = {
    count: 10_000,
    async *[Symbol.asyncIterator]() {
      for (let entry = 0; entry < 5_000; entry += 1) yield seen;
      throw new AppError('file.io', { path: 'a', reason: 'EIO' });
    },
  };
  const ftp = await startFtp({ instead: () => ({ list: () => Promise.resolve(entries) }) });
  const client = await RawFtp.login(ftp.port);
  await expect(client.download('MLSD')).rejects.toThrow(/^451 /);
});
