import { createWriteStream } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../electron/engine/engine.ts';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { quietPorts } from '../../electron/entry/cli/ports.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function watchedSite() {
  const [dataDir, root] = [await temporaryFolder(), await temporaryFolder()];
  const loopback = { host: '127.0.0.1', port: 0 };
  await initNode(dataDir, { role: 'master', name: 'origin', ftp: loopback, link: loopback });
  const engine = await createEngine(quietPorts(dataDir), dataDir);
  onTestFinished(() => engine.stop());
  await engine.call('site.add', { name: 'www', root, watch: true });
  const rescan = () => engine.call('site.rescan', { name: 'www', allowDeletes: false });
  const published = async () => {
    const rows = await engine.call('history.list', { site: 'www' });
    return rows.map(({ path, size }) => `${path} ${size}`);
  };
  return { root, rescan, published };
}

test('what was changed by hand a moment ago is published when the rescan of a watched site is done', async () => {
  const { root, rescan, published } = await watchedSite();
  for (let size = 1; size <= 3; size += 1) {
    await writeFile(join(root, 'new'), 'x'.repeat(size));
    await rename(join(root, 'new'), join(root, 'a.html'));
    expect(await rescan()).toMatchObject({ changed: 1 });
    expect(await published()).toContain(`a.html ${size}`);
  }
});

test('a rescan does not wait for a file that somebody goes on writing', async () => {
  const { root, rescan, published } = await watchedSite();
  const open = createWriteStream(join(root, 'log'));
  onTestFinished(async () => void (await once(open.end(), 'close')));
  open.write('begun');
  await once(open, 'open');
  expect(await rescan()).toMatchObject({ changed: 0 });
  expect(await published()).toEqual([]);
});
