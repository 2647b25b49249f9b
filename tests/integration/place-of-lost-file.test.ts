import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startPair } from '../support/memory-pair.ts';
import { BY, put } from '../support/site-calls.ts';
import { readTree } from '../support/tree.ts';

/** Nobody watches the folder, and it is not looked through: that a folder is there now no mirror has been told. */
test.each(['an upload', 'an upload far below', 'MKD', 'a file by a rename', 'a folder by a rename', 'a release'])(
  'what comes into a folder that has taken the place of a file without FTP is shown at the mirrors: %s',
  async (how) => {
    const { master, mirror } = await startPair();
    const { site, rootFolder } = master;
    await master.mkdir('other');
    for (const path of ['lost', 'other/z']) await master.put(path, path);
    await mirror.inStep(master);
    rmSync(join(rootFolder, 'lost'));
    mkdirSync(join(rootFolder, 'lost/far/below'), { recursive: true });
    const release = site.beginRelease('files', BY);
    switch (how) {
      case 'an upload':
        await master.put('lost/x', 'x');
        break;
      case 'an upload far below':
        await master.put('lost/far/below/x', 'x');
        break;
      case 'MKD':
        await master.mkdir('lost/new');
        break;
      case 'a file by a rename':
        await master.rename('other/z', 'lost/x');
        break;
      case 'a folder by a rename':
        await master.rename('other', 'lost/new');
        break;
      default:
        for (const path of ['lost/x', 'lost/far/x', 'lost/far/below/x']) await put(release, path, path);
        await release.commit();
    }
    // Nobody has been told of what stands there besides.
    for (const path of ['lost/far/below', 'lost/far'].slice(
      how === 'an upload far below' || how === 'a release' ? 2 : 0,
    ))
      rmSync(join(rootFolder, path), { recursive: true });
    await mirror.inStep(master);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(rootFolder));
  },
);
