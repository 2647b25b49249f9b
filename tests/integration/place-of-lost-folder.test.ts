import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startPair } from '../support/memory-pair.ts';
import { at, BY, put } from '../support/site-calls.ts';
import { readTree } from '../support/tree.ts';

/** Nobody watches the folder, and it is not looked through: what the mirror has of it is known from the index alone. */
test.each(['an upload', 'a release', 'a file by a rename', 'a folder by a rename'])(
  'what takes the place of a folder that went without FTP is shown at the mirrors: %s',
  async (how) => {
    const { master, mirror } = await startPair();
    const { site, rootFolder } = master;
    for (const folder of ['lost', 'lost/deep', 'other']) await master.mkdir(folder);
    for (const path of ['lost/x', 'lost/deep/y', 'other/z']) await master.put(path, path);
    await mirror.inStep(master);
    const release = site.beginRelease('a file', BY);
    for (const path of ['lost/x', 'lost/deep/y']) await release.remove(at(path), BY);
    for (const path of ['lost/deep', 'lost']) await release.removeDir(at(path), BY);
    await put(release, 'lost', 'a file');
    rmSync(join(rootFolder, 'lost'), { recursive: true });
    switch (how) {
      case 'an upload':
        await master.put('lost', 'a file');
        break;
      case 'a release':
        await release.commit();
        break;
      case 'a file by a rename':
        await master.rename('other/z', 'lost');
        break;
      default:
        await master.rename('other', 'lost');
    }
    await mirror.inStep(master);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(rootFolder));
  },
);
