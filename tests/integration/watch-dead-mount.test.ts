import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aMaster } from '../support/a-pair.ts';
import { until } from '../support/until.ts';
import { journalOf, watchSite } from '../support/watched-site.ts';

/** Mounts a disk whose program has ended: nobody can look at its folder any more (ENOTCONN). False: that cannot be had here. */
function mountDead(folder: string): boolean {
  const how = 'exec 9<>/dev/fuse && exec mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0 dead "$0"';
  const { status, stderr } = spawnSync('sh', ['-c', how, folder], { encoding: 'utf8' });
  if (status !== 0) process.stdout.write(`skipped: no such disk can be mounted here (${stderr.trim()})\n`);
  return status === 0;
}

test.each(['known', 'new'])(
  'a disk of another program that has ended, in a %s folder, keeps nothing else in its folder from being seen',
  async (which) => {
    const master = await aMaster();
    const at = (path: string) => join(master.rootFolder, path);
    for (const path of ['part', 'part/a', 'part/b', 'part/c']) await master.mkdir(path);
    // The one that the disk names first.
    const first = which === 'new' ? 'new' : (readdirSync(at('part'))[0] ?? '');
    await mkdir(at(`part/${first}`), { recursive: true });
    if (!mountDead(at(`part/${first}`))) return;
    onTestFinished(() => void spawnSync('umount', ['-l', at(`part/${first}`)]));
    await writeFile(at('part/before.html'), 'before');
    const { watch } = await watchSite(master);
    await until(
      () => journalOf(master).length === 5,
      () => journalOf(master),
    );
    expect(watch.trouble).toBe(undefined);
    await until(() => master.site.unfit.all.some(({ path }) => path.toString() === `part/${first}`), 'it is told');
    await writeFile(at('part/later.html'), 'later');
    await until(
      () => journalOf(master).length === 6,
      () => journalOf(master),
    );
    expect(watch.trouble).toBe(undefined);
    expect(journalOf(master).slice(4)).toEqual(['put part/before.html 6 scan', 'put part/later.html 5 scan']);
  },
);
