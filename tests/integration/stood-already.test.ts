import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { aPairAndOneAway, BOTH, release } from '../support/pair-with-releases.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';

test.each(['another size', 'the same size'])(
  'what stood in its place already, and was changed by somebody while it waited for its release, is fetched: %s',
  async (how) => {
    const { master, mirror } = await aPairAndOneAway();
    const file = join(mirror.rootFolder, 'a');
    await writeFile(file, 'a1');
    await utimes(file, 1_000, 1_000);
    const { id } = await (await release(master, { a: 'a1', b: 'b1' })).commit({ together: BOTH });
    const isReady = (path: string) => mirror.site.state.wants.of(path as SitePath)?.state === 'ready';
    await until(() => isReady('a') && isReady('b'), 'all of it is here');
    await writeFile(file, how === 'the same size' ? 'xx' : 'of somebody');
    await sleep(10);
    master.word.give(id);
    await mirror.inStep(master);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
    expect(mirror.site.drift.list(10)).toMatchObject([{ path: 'a', state: 'replaced' }]);
  },
);
