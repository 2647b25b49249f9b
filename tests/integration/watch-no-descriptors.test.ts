import { execFile } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../electron/engine/engine.ts';
import { quietPorts } from '../../electron/entry/cli/ports.ts';
import { ask, newMaster } from '../support/commands.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);

test.runIf(process.platform === 'linux')(
  'a file that could not be read, as too many were open, is published when there are fewer',
  async () => {
    const { dataDir, root } = await newMaster();
    await ask('site add', dataDir, 'www', root, '--watch');
    const engine = await createEngine(quietPorts(dataDir), dataDir);
    onTestFinished(() => engine.stop());
    await until(async () => (await engine.call('node.status', {})).sites[0]?.headSeq !== undefined);
    const { stdout } = await run('prlimit', [
      '--pid',
      `${process.pid}`,
      '--nofile',
      '--noheadings',
      '--output',
      'SOFT',
    ]);
    const free = openSync('/dev/null', 'r');
    closeSync(free);
    const limit = (files: string) => `prlimit --pid ${process.pid} --nofile=${files}:`;
    // Nothing can be opened here in between, no other program be started either.
    await run('sh', [
      '-c',
      `sleep 1; ${limit(`${free}`)}; echo page > ${join(root, 'page.html')}; sleep 2; ${limit(stdout.trim())}`,
    ]);
    const found = async () => (await engine.call('site.find', { part: 'page' })).rows.map(({ path }) => path);
    await until(async () => (await found()).length > 0, 'it is published');
    expect(await engine.call('waiting.list', {})).toEqual([]);
  },
);
