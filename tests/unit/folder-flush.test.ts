import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { FolderFlush } from '../../electron/engine/tree/sync-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** All is real but the answers to the first flushes. */
const disk = vi.hoisted(() => ({ failures: 0, begun: 0 }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const fsync = (fd: number, done: (error: Error | null) => void): void => {
    disk.begun += 1;
    if (disk.failures === 0) return real.fsync(fd, done);
    disk.failures -= 1;
    setImmediate(done, Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO', syscall: 'fsync' }));
  };
  return { ...real, fsync };
});
beforeEach(() => {
  Object.assign(disk, { failures: 0, begun: 0 });
});

test('who comes while a flush is under way shares the next one', async () => {
  const flush = new FolderFlush(await temporaryFolder());
  const { mark } = flush;
  await Promise.all([flush.flush(mark), flush.flush(mark), flush.flush(mark)]);
  expect(disk.begun).toBe(2);
});

test('a flush that fails has failed for all names that were made before its end, whoever asked for it', async () => {
  const flush = new FolderFlush(await temporaryFolder());
  const older = flush.mark;
  disk.failures = 1;
  const failing = flush.flush(flush.mark);
  const meanwhile = flush.flush(flush.mark);
  await expect(failing).rejects.toMatchObject({ code: 'EIO' });
  await expect(meanwhile).rejects.toMatchObject({ code: 'EIO' });
  await expect(flush.flush(older)).rejects.toMatchObject({ code: 'EIO' });
  await flush.flush(flush.mark);
});

test('a folder that is not there fails those who ask, as a flush does', async () => {
  const flush = new FolderFlush(join(await temporaryFolder(), 'gone'));
  await expect(flush.flush(flush.mark)).rejects.toMatchObject({ code: 'ENOENT' });
});
