import { chmod, chown, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { editConfig } from '../../electron/engine/config/config-file.ts';
import { createEngine } from '../../electron/engine/engine.ts';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { quietPorts } from '../../electron/entry/cli/ports.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NOBODY = 65_534;
const mayChange = process.platform === 'linux' && process.getuid?.() === 0;
if (!mayChange) process.stderr.write('skipped: only root can be somebody else, who may not read a folder\n');

const LOOPBACK = { host: '127.0.0.1', port: 0 };

test.runIf(mayChange)('a site whose own folder cannot be read is told, and keeps no other site closed', async () => {
  const folders = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()] as const;
  for (const folder of folders) {
    for (const each of [dirname(folder), folder]) await chmod(each, (await stat(each)).mode | 0o055);
    await chown(folder, NOBODY, NOBODY);
  }
  const [dataDir, shut, open] = folders;
  process.seteuid?.(NOBODY);
  onTestFinished(() => process.seteuid?.(0));
  await initNode(dataDir, { role: 'master', name: 'origin', ftp: LOOPBACK, link: LOOPBACK, plainFtp: true });
  const start = () => createEngine(quietPorts(dataDir), dataDir);
  const first = await start();
  await first.call('site.add', { name: 'shut', root: shut });
  await first.call('site.add', { name: 'open', root: open });
  await first.stop();
  await chmod(join(shut, '.lockstep/incoming'), 0o300);
  const engine = await start();
  onTestFinished(() => engine.stop());
  const { sites, waiting } = await engine.call('node.status', {});
  expect(sites.map(({ name }) => name)).toContain('open');
  expect(waiting.filter(({ site }) => site === 'shut').map(({ error }) => error?.code)).toEqual(['site.root-denied']);
  await chmod(join(shut, '.lockstep/incoming'), 0o700);
});

test('releases are listed of the sites that are open, and one that is named says why it is not', async () => {
  const [dataDir, away, open] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()] as const;
  await initNode(dataDir, { role: 'master', name: 'origin', ftp: LOOPBACK, link: LOOPBACK });
  const start = () => createEngine(quietPorts(dataDir), dataDir);
  const first = await start();
  await first.call('site.add', { name: 'away', root: away });
  await first.call('site.add', { name: 'open', root: open });
  await writeFile(join(away, 'a.html'), 'a');
  const { release } = await first.call('release.publish', { site: 'open', folder: away, name: 'spring' });
  await first.stop();
  await rename(away, `${away}-away`);
  const engine = await start();
  onTestFinished(() => engine.stop());
  expect(await engine.call('release.list', {})).toMatchObject([{ site: 'open', id: release?.id }]);
  await expect(engine.call('release.list', { site: 'away' })).rejects.toMatchObject({ code: 'site.root-missing' });
  await rename(`${away}-away`, away);
});

test('a followed site that cannot be opened says why where it is asked for', async () => {
  const dataDir = await temporaryFolder();
  const root = join(await temporaryFolder(), 'copy');
  await writeFile(root, 'a file is there');
  await initNode(dataDir, { role: 'mirror', name: 'tokyo' });
  await editConfig(dataDir, (config) => ({ ...config, follows: [{ site: 'www', master: 'b'.repeat(64), root }] }));
  const engine = await createEngine(quietPorts(dataDir), dataDir);
  onTestFinished(() => engine.stop());
  const why = { code: 'file.exists', params: { path: root } };
  await expect(engine.call('site.rescan', { name: 'www' })).rejects.toMatchObject(why);
  await expect(engine.call('site.browse', { folder: '' })).rejects.toMatchObject(why);
});
