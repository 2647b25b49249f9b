import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Incoming } from '../../electron/engine/master/incoming.ts';
import { Draft } from '../../electron/engine/master/release/draft.ts';
import type { ReleaseSite } from '../../electron/engine/master/release/release-site.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { at, sha256 } from '../support/site-calls.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a file that goes while a release renames it is said to be gone, by its path', async () => {
  const root = await SiteRoot.open(await temporaryFolder(), true);
  await writeFile(join(root.folder, 'a'), 'x');
  // Somebody else deletes it while it is hashed.
  const hash = async () => {
    await rm(join(root.folder, 'a'));
    return sha256('x');
  };
  const draft = new Draft({ root, incoming: new Incoming(root.incoming), hash } as unknown as ReleaseSite);
  await expect(draft.rename(at('a'), at('b'))).rejects.toMatchObject({ code: 'file.not-found', params: { path: 'a' } });
  expect([...draft.overlay.entries()]).toEqual([]);
});

test('a folder that goes while a release renames it is said to be gone, by its path', async () => {
  const real = await SiteRoot.open(await temporaryFolder(), true);
  await mkdir(join(real.folder, 'd'));
  const root = {
    stat: (path: SitePath) => real.stat(path),
    // Somebody else removes it before what is in it is read.
    resolve: async (path: SitePath) => {
      const absolute = await real.resolve(path);
      if (path === 'd') await rm(absolute, { recursive: true });
      return absolute;
    },
  };
  const draft = new Draft({ root, incoming: { mark: 0 } } as unknown as ReleaseSite);
  await expect(draft.rename(at('d'), at('e'))).rejects.toMatchObject({ code: 'file.not-found', params: { path: 'd' } });
  expect([...draft.overlay.entries()]).toEqual([]);
});
