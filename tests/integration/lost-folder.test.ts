import { once } from 'node:events';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { quietPorts } from '../../electron/entry/cli/ports.ts';
import type { Status } from '../../shared/contract/status.ts';
import { ask, inProcess, newMaster } from '../support/commands.ts';
import { sentence } from '../../shared/errors/sentences.en.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';

/* A folder that is lost while Lockstep runs, as an unmounted disk, is noticed by itself, and so is its return. */

async function start(dataDir: string): Promise<Engine> {
  const engine = await createEngine(quietPorts(dataDir), dataDir);
  onTestFinished(() => engine.stop());
  return engine;
}

/** The status as it is told to who listens: nobody asks for it. */
function listen(engine: Engine): () => Status['sites'][number] | undefined {
  let site: Status['sites'][number] | undefined;
  onTestFinished(
    engine.subscribe((event) => {
      if (event.type === 'status' && !event.quiet) [site] = event.status.sites;
    }),
  );
  return () => site;
}

async function health(engine: Engine): Promise<[number | undefined, string]> {
  const { port = 0 } = engine.listeners().console ?? {};
  const sent = request({ host: '127.0.0.1', port, path: '/healthz', rejectUnauthorized: false, agent: false }).end();
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return [response.statusCode, text.trim()];
}

async function pair(...watch: '--watch'[]) {
  const { dataDir, root } = await newMaster();
  await writeFile(join(root, 'index.html'), 'Hello');
  await ask('site add', dataDir, 'www', root, ...watch);
  const master = await start(dataDir);
  const folder = await temporaryFolder();
  const [mirrorDir, copy] = [join(folder, 'mirror'), join(folder, 'copy')];
  await ask('init', mirrorDir, '--role', 'mirror', '--name', 'tokyo');
  const { code } = await master.call('pairing.invite', {});
  expect(await inProcess(['join', code, '--data', mirrorDir, '--root', copy])).toMatchObject({ code: 0 });
  const mirror = await start(mirrorDir);
  const [atMaster, atMirror] = [listen(master), listen(mirror)];
  const inStep = (): boolean => atMaster()?.peers[0]?.inStep === true && atMirror()?.peers[0]?.inStep === true;
  await until(inStep, 'all is in step');
  return { dataDir, root, copy, folder, master, mirror, atMaster, atMirror, inStep };
}

test.each([[[]], [['--watch' as const]]])(
  'a master that has lost its folder says so, and goes on when it is back (%s)',
  async (watch) => {
    const { root, folder, master, atMaster, inStep } = await pair(...watch);
    expect(await health(master)).toEqual([200, 'ok']);
    await rename(root, join(folder, 'away'));
    await until(() => atMaster()?.error?.code === 'site.root-missing', 'it is told to who listens');
    expect(atMaster()?.peers[0]?.inStep).toBe(false);
    expect(await health(master)).toEqual([503, 'site']);
    expect((await master.call('waiting.list', {})).map(({ id, error }) => [id, error.code])).toEqual([
      ['www:site', 'site.root-missing'],
    ]);
    await expect(master.call('waiting.resolve', { id: 'www:site', how: 'publish' })).rejects.toMatchObject({
      code: 'site.root-missing',
    });
    // Another folder at its place is not it.
    await mkdir(root);
    expect((await master.call('node.status', {})).sites[0]?.error?.code).toBe('site.root-missing');
    await rename(root, join(folder, 'other'));
    await writeFile(join(folder, 'away', 'new.html'), 'made while it was away');
    await rename(join(folder, 'away'), root);
    await until(inStep, 'all is in step again');
    expect(atMaster()?.error).toBe(undefined);
    expect(await health(master)).toEqual([200, 'ok']);
    if (watch.length > 0) {
      await until(() => atMaster()?.files === 2, 'the watch sees what was changed meanwhile');
      await writeFile(join(root, 'newer.html'), 'made since');
      await until(() => atMaster()?.files === 3, 'and goes on');
    }
    expect(await master.call('waiting.list', {})).toEqual([]);
  },
);

test('a mirror that has lost its folder says so, its master knows, and both go on when it is back', async () => {
  const { copy, folder, mirror, atMaster, atMirror, inStep } = await pair();
  await rename(copy, join(folder, 'away'));
  await until(() => atMirror()?.error?.code === 'site.root-missing', 'it is told to who listens');
  await until(() => atMaster()?.peers[0]?.stopped?.code === 'site.root-missing', 'the master knows');
  expect(atMaster()?.peers[0]).toMatchObject({ inStep: false, stopped: { params: { root: copy } } });
  expect(await health(mirror)).toEqual([503, 'site']);
  await rename(join(folder, 'away'), copy);
  await until(inStep, 'all is in step again');
  expect(atMaster()?.peers[0]).not.toHaveProperty('stopped');
  expect(await health(mirror)).toEqual([200, 'ok']);
  expect(await mirror.call('waiting.list', {})).toEqual([]);
});

test('a folder of a running mirror that is gone for good is made anew by the command that its sentence names', async () => {
  const { copy, folder, mirror, atMirror, inStep } = await pair();
  const before = Object.keys(await readTree(copy));
  await rename(copy, join(folder, 'away'));
  await until(() => atMirror()?.error?.code === 'site.root-missing', 'it is told to who listens');
  const error = atMirror()?.error;
  expect(error && sentence(error)).toContain('If it is lost, lockstep waiting publish www:site fetches everything');
  await mirror.call('waiting.resolve', { id: 'www:site', how: 'publish' });
  await until(inStep, 'all is in step again');
  expect(Object.keys(await readTree(copy))).toEqual(before);
});
