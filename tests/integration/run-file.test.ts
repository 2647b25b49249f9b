import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findRunning, reachRunning } from '../../electron/entry/cli/reach.ts';
import { rightsOf } from '../support/rights.ts';
import { serve, someStatus } from '../support/served-console.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('the run file is private, names this start, and is gone with it', async () => {
  const { console, dataDir, run, port } = await serve();
  expect(run).toEqual({
    pid: process.pid,
    host: '127.0.0.1',
    port,
    token: expect.stringMatching(/^[\w-]{43}$/),
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    dataDir,
  });
  expect(await rightsOf(join(dataDir, 'run.json'), 0o600)).toBe(0o600);
  await Promise.all([console.stop(), console.stop()]);
  await expect(stat(join(dataDir, 'run.json'))).rejects.toThrow('ENOENT');
  expect(await findRunning(dataDir)).toBeUndefined();
});

test('the command line reaches the engine by the run file', async () => {
  const { dataDir } = await serve();
  const running = await findRunning(dataDir);
  if (!running) throw new Error('not found');
  const engine = reachRunning(running);
  expect(await engine.call('node.status', {})).toEqual(someStatus(1));
  await expect(engine.call('site.remove', { name: 'www' })).rejects.toMatchObject({ code: 'site.unknown' });
});

test('a run file that was left behind is not taken for an engine', async () => {
  const served = await serve();
  const text = await readFile(join(served.dataDir, 'run.json'), 'utf8');
  const leaveBehind = async (change: object): Promise<string> => {
    const dataDir = await temporaryFolder();
    await writeFile(join(dataDir, 'run.json'), JSON.stringify({ ...(JSON.parse(text) as object), ...change }));
    return dataDir;
  };
  // Its process is gone; another install answers at its port; nothing does.
  expect(await findRunning(await leaveBehind({ pid: 2 ** 22 + 1 }))).toBeUndefined();
  expect(await findRunning(await leaveBehind({ fingerprint: 'f'.repeat(64) }))).toBeUndefined();
  await served.console.stop();
  expect(await findRunning(await leaveBehind({}))).toBeUndefined();
  const torn = await temporaryFolder();
  await writeFile(join(torn, 'run.json'), text.slice(0, 20));
  expect(await findRunning(torn)).toBeUndefined();
});

test('a token is not sent to who cannot show the certificate', async () => {
  const served = await serve();
  const stranger = { ...served.run, fingerprint: 'f'.repeat(64) };
  await expect(reachRunning(stranger).call('node.status', {})).rejects.toMatchObject({ code: 'link.certificate' });
});
