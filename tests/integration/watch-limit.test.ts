import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, newMaster } from '../support/commands.ts';
import { CLI, lockstep, runUntilReady } from '../support/lockstep.ts';
import { until } from '../support/until.ts';

/** Runs what follows where the system allows so many watches. */
const limited = (watches: number) => [
  ...['unshare', '--user', '--map-root-user', 'sh', '-c'],
  `echo ${watches} > /proc/sys/user/max_inotify_watches; exec "$@"`,
  'sh',
];

test.runIf(process.platform === 'linux')(
  'where the system does not allow enough watches the folder is compared now and then',
  async () => {
    const { dataDir, root } = await newMaster();
    for (let index = 0; index < 30; index += 1) await mkdir(join(root, `folder-${index}`));
    await ask('site add', dataDir, 'www', root, '--watch');
    await runUntilReady([...limited(20), process.execPath, CLI, 'run', '--data', dataDir]);
    const status = async (): Promise<{ sites: { files: number }[] }> =>
      JSON.parse((await lockstep(['status', '--data', dataDir, '--json'])).out);
    const waiting = async () => JSON.parse((await lockstep(['waiting', 'list', '--data', dataDir, '--json'])).out);
    await until(async () => JSON.stringify(await waiting()).includes('watch.limit'), waiting, 200);
    await writeFile(join(root, 'folder-7', 'page.html'), 'page');
    await until(async () => (await status()).sites[0]?.files === 1, status, 200);
    expect(await waiting()).toMatchObject([{ error: { code: 'watch.limit', params: { reason: 'ENOSPC' } } }]);
  },
);
