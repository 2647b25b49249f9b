import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { createEngine } from '../../electron/engine/engine.ts';
import { quietPorts } from '../../electron/entry/cli/ports.ts';
import { RawFtp } from '../support/ftp-raw-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

test('where the folder of a site is away at the start, the right password is no wrong one, and works when it is back', async () => {
  const folder = await temporaryFolder();
  const [dataDir, root, away] = [join(folder, 'data'), join(folder, 'www'), join(folder, 'away')];
  await mkdir(root);
  const address = { host: '127.0.0.1', port: 0 };
  await initNode(dataDir, { role: 'master', name: 'origin', ftp: address, link: address, plainFtp: true });
  const start = () => createEngine(quietPorts(dataDir), dataDir);
  const first = await start();
  await first.call('site.add', { name: 'www', root });
  await first.call('account.add', { user: 'alice', password: 'a good password', site: 'www' });
  await first.stop();
  await rename(root, away);
  const engine = await start();
  onTestFinished(() => engine.stop());
  const port = (await engine.call('node.status', {})).listeners.ftp?.port ?? 0;
  const logIn = async (password: string): Promise<string> => {
    const client = await RawFtp.connect(port);
    await client.command('USER alice');
    const answer = await client.command(`PASS ${password}`);
    client.socket.destroy();
    return answer;
  };
  // More often than wrong passwords are allowed.
  for (let time = 0; time < 12; time += 1)
    expect(await logIn('a good password')).toBe(
      '421 The site of this account cannot be opened just now: try again later.',
    );
  expect(await logIn('a wrong password')).toMatch(/^530 /);
  await rename(away, root);
  await until(async () => (await logIn('a good password')).startsWith('230'), 'the site is opened again');
});
