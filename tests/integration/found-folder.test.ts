import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Scans } from '../../electron/engine/master/scans.ts';
import { startPair } from '../support/memory-pair.ts';
import { at, BY, put } from '../support/site-calls.ts';
import { readTree } from '../support/tree.ts';

/** The folder goes before anybody has looked for changes that are made without FTP. */
test.each(['an upload', 'a folder', 'a release', 'a file by a rename', 'a folder by a rename'])(
  'a folder that came without FTP goes from the mirrors too, after something was put into it: %s',
  async (how) => {
    const { master, mirror } = await startPair();
    const { site, rootFolder } = master;
    await master.mkdir('other');
    await master.put('other/z', 'z');
    mkdirSync(join(rootFolder, 'made', 'deep'), { recursive: true });
    switch (how) {
      case 'an upload':
        await master.put('made/deep/a', 'a');
        break;
      case 'a folder':
        await master.mkdir('made/deep/a');
        break;
      case 'a release': {
        const release = site.beginRelease('a file', BY);
        await put(release, 'made/deep/a', 'a');
        await release.makeDir(at('made/deep/b'), BY);
        await release.commit();
        break;
      }
      case 'a file by a rename':
        await master.rename('other/z', 'made/deep/a');
        break;
      default:
        await master.rename('other', 'made/deep/a');
    }
    await mirror.inStep(master);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(rootFolder));
    rmSync(join(rootFolder, 'made'), { recursive: true });
    await new Scans(site).scan();
    await mirror.inStep(master);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(rootFolder));
  },
);
