import { chmod, chown, cp, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { quietPorts } from '../../electron/entry/cli/ports.ts';
import { inProcess } from '../support/commands.ts';
import { freePort } from '../support/free-port.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';

const NOBODY = 65_534;
const mayChange = process.platform === 'linux' && process.getuid?.() === 0;
if (!mayChange) process.stderr.write('skipped: only root can be somebody else, who may not read a file\n');

test.runIf(mayChange)(
  'what a master whose database was put back cannot read, and does not know, is not gone: mirrors are told nothing before it can be',
  async () => {
    const folder = await temporaryFolder();
    for (const each of [dirname(folder), folder]) await chmod(each, (await stat(each)).mode | 0o055);
    await chown(folder, NOBODY, NOBODY);
    process.seteuid?.(NOBODY);
    onTestFinished(() => process.seteuid?.(0));
    const [data, copy, root, mirrorData, mirrorRoot] = ['data', 'copy', 'site', 'mirror', 'there'].map((name) =>
      join(folder, name),
    ) as [string, string, string, string, string];
    const loopback = { host: '127.0.0.1', port: await freePort() };
    const ftp = { host: '127.0.0.1', port: await freePort() };
    await mkdir(root);
    await initNode(data, { role: 'master', name: 'origin', ftp, link: loopback, plainFtp: true });
    await initNode(mirrorData, { role: 'mirror', name: 'there' });
    const start = async (at: string): Promise<Engine> => {
      const engine = await createEngine(quietPorts(at), at);
      onTestFinished(() => engine.stop());
      return engine;
    };
    const rescan = (engine: Engine) => engine.call('site.rescan', { name: 'www', allowDeletes: false });
    const there = async (): Promise<string[]> => Object.keys(await readTree(mirrorRoot));

    const first = await start(data);
    await first.call('site.add', { name: 'www', root });
    const { out: code } = await inProcess(['invite', '--data', data]);
    const joined = await inProcess(['join', code.trim(), '--root', mirrorRoot, '--data', mirrorData]);
    expect(joined).toMatchObject({ code: 0 });
    await writeFile(join(root, 'before.txt'), 'before');
    await rescan(first);
    const mirror = await start(mirrorData);
    await expect.poll(there, { timeout: 20_000 }).toEqual(['before.txt']);
    await first.stop();
    await cp(data, copy, { recursive: true });
    const second = await start(data);
    await writeFile(join(root, 'later.txt'), 'later');
    await rescan(second);
    await expect.poll(there, { timeout: 20_000 }).toEqual(['before.txt', 'later.txt']);
    await second.stop();

    await rm(data, { recursive: true });
    await cp(copy, data, { recursive: true });
    await chmod(join(root, 'later.txt'), 0);
    const third = await start(data);
    const waiting = async () => (await third.call('node.status', {})).waiting.map(({ error }) => error?.code);
    await expect.poll(waiting, { timeout: 20_000 }).toContain('site.unread');
    await expect(rescan(third)).rejects.toMatchObject({ code: 'site.unread', params: { path: 'later.txt' } });
    expect(await there()).toEqual(['before.txt', 'later.txt']);

    await chmod(join(root, 'later.txt'), 0o644);
    await writeFile(join(root, 'new.txt'), 'new');
    await rescan(third);
    await expect.poll(there, { timeout: 20_000 }).toEqual(['before.txt', 'later.txt', 'new.txt']);
    expect(await waiting()).not.toContain('site.unread');
    await mirror.stop();
  },
  90_000,
);
