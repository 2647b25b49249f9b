import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openListing } from '../../electron/engine/master/folder-listing.ts';
import { compare } from '../../electron/engine/publishing/compare.ts';
import { HashCache } from '../../electron/engine/publishing/hash-cache.ts';
import { UNKNOWN } from '../../electron/engine/publishing/place.ts';
import { ROOT, type SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NOBODY = 65_534;
const mayChange = process.platform === 'linux' && process.getuid?.() === 0;
if (!mayChange) process.stderr.write('skipped: only root can be somebody else, who may not look at a file\n');

test.runIf(mayChange)('a listing says what it leaves out as nobody may look at it', async () => {
  const folder = join(await temporaryFolder(), 'shut');
  await mkdir(folder);
  await writeFile(join(folder, 'page'), 'page');
  for (const each of [dirname(dirname(folder)), dirname(folder)]) await chmod(each, 0o755);
  await chown(folder, NOBODY, NOBODY);
  await chmod(folder, 0o400);
  process.seteuid?.(NOBODY);
  onTestFinished(() => process.seteuid?.(0));
  const told: unknown[] = [];
  // As who lists it has opened it before its right is taken away.
  const seteuid = (user: number): void => process.seteuid?.(user);
  seteuid(0);
  const listing = await openListing(ROOT, folder, { onUnseen: (name, error) => told.push([name, error]) });
  seteuid(NOBODY);
  const entries: string[] = [];
  for await (const { name } of listing) entries.push(name);
  expect([entries, told]).toEqual([[], [['page', expect.objectContaining({ code: 'EACCES' })]]]);
});

test.each([
  ['is refused where deletes are asked for', true],
  ['goes on where they are not', false],
])('a drop into a folder with something that nobody may look at %s', async (_, withDelete) => {
  const into = 'a' as SitePath;
  const error = new AppError('file.denied', { path: 'a/page' });
  const place = {
    bytesMax: Infinity,
    list: async (folder: SitePath) =>
      folder === ROOT ? [{ name: 'a', kind: 'dir' as const, size: 0, mtime: undefined }] : [],
    unseen: (folder: SitePath) => (folder === into ? error : undefined),
    hash: async () => UNKNOWN,
  };
  const options = { into, delete: withDelete, hashes: new HashCache(), signal: new AbortController().signal, width: 1 };
  const compared = compare({ folders: [], files: [], refused: [], leftOut: new Set() }, place, options);
  if (withDelete) await expect(compared).rejects.toBe(error);
  else expect(await compared).toMatchObject({ removed: [], files: [] });
});
