import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aMaster } from '../support/a-pair.ts';
import { at, BY, put, readSite } from '../support/site-calls.ts';
import { journalOf, watchSite } from '../support/watched-site.ts';

const FILES = 60;

test('a watch and a rescan find nothing in what a release, or its rollback, has done', async () => {
  const master = await aMaster();
  const { site } = master;
  await site.makeDir(at('old'), BY);
  for (let file = 0; file < 10; file += 1) await put(site, `old/${file}`, `old ${file}`);
  const { scans } = await watchSite(master);
  const release = site.beginRelease('watched', BY);
  await release.makeDir(at('new'), BY);
  for (let file = 0; file < FILES; file += 1) await put(release, `new/${file}`, `new ${file}`);
  await release.rename(at('old'), at('moved'), BY);
  await release.remove(at('moved/0'), BY);
  const scanning = Promise.all([scans.scan(), release.commit()]);
  const [, { id }] = await scanning;
  await site.releases.rollback(id, { by: BY });
  // What the watch sees last, it sees after all the rest.
  await writeFile(join(master.rootFolder, 'last'), 'without FTP');
  await expect.poll(() => journalOf(master)).toContain('put last 11 scan');
  expect((await scans.scan()).changed).toBe(0);
  expect(journalOf(master).filter((line) => line.endsWith(' scan'))).toEqual(['put last 11 scan']);
  expect(Object.keys(await readSite(site))).toHaveLength(12);
});
