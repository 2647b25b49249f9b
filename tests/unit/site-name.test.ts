import { linkSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { readSiteFolder, siteName } from '../../electron/engine/tree/site-name.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import { at } from '../support/site-calls.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const [COMPOSED, DECOMPOSED] = ['é', 'é'].map((name, index) => name.normalize(index === 0 ? 'NFC' : 'NFD')) as [
  string,
  string,
];

test('where the disk takes both forms of a name for one it is the composed one, whichever the disk has kept', async () => {
  const folder = await temporaryFolder();
  writeFileSync(join(folder, DECOMPOSED), '');
  // As near to it as a disk comes that does not.
  linkSync(join(folder, DECOMPOSED), join(folder, COMPOSED));
  expect(siteName(folder, DECOMPOSED)).toBe(COMPOSED);
  expect((await readSiteFolder(folder)).map(({ name }) => name)).toEqual([COMPOSED, COMPOSED]);
});

test('where it does not each has its own, and of what is gone nobody can tell', async () => {
  const folder = await temporaryFolder();
  expect(siteName(folder, DECOMPOSED)).toBe(COMPOSED);
  writeFileSync(join(folder, DECOMPOSED), '');
  expect(siteName(folder, DECOMPOSED)).toBe(DECOMPOSED);
  writeFileSync(join(folder, COMPOSED), '');
  expect(siteName(folder, DECOMPOSED)).toBe(DECOMPOSED);
});

test('a folder whose name the disk has kept in the other form is no link', async () => {
  const root = await SiteRoot.open(await temporaryFolder(), true);
  mkdirSync(join(root.folder, COMPOSED));
  const real = realpathSync.native;
  const asKept = vi
    .spyOn(realpathSync, 'native')
    .mockImplementation(((path: string) => real(path).normalize('NFD')) as typeof real);
  try {
    expect(root.locate(at(`${COMPOSED}/a`))).toBe(join(root.folder, COMPOSED, 'a'));
    asKept.mockImplementation(((path: string) => `${real(path)}x`) as typeof real);
    expect(() => root.locate(at(`${COMPOSED}/a`))).toThrow('path.link');
  } finally {
    asKept.mockRestore();
  }
});
