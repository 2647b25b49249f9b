import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask } from '../support/commands.ts';
import { type Install, startNetwork } from '../support/network.ts';
import { until } from '../support/until.ts';

async function peerOf(install: Install, name: string) {
  const peer = (await install.status()).sites[0]?.peers.find((each) => each.name === name);
  if (!peer) throw new Error(`no peer ${name}`);
  return peer;
}

test('mirrors are paused at either end, limited and freed by commands, and each end shows it', async () => {
  const network = await startNetwork();
  const { master, tokyo, osaka } = network;
  const put = async (path: string): Promise<void> => {
    await writeFile(join(master.root, path), path);
    await ask('site rescan', master.dataDir, 'www');
  };
  await put('first.txt');
  await network.inStep();

  // At the master; over a restart.
  const { pausedAt } = await ask('peer pause', master.dataDir, 'tokyo');
  expect(await ask('peer pause', master.dataDir, 'tokyo')).toEqual({ name: 'tokyo', pausedAt });
  await until(async () => (await peerOf(tokyo, 'origin')).paused?.by === 'there', 'tokyo knows');
  await master.stop();
  await master.start();
  await put('second.txt');
  await until(async () => (await peerOf(master, 'osaka')).inStep, 'osaka has it, and the master knows');
  expect(await osaka.tree()).toHaveProperty(['second.txt']);
  const waited = await master.run('wait', ['--timeout', '1s']);
  expect(waited.code).toBe(3);
  expect(waited.err).toMatch(/tokyo \(www\) is paused, here since /);
  expect(waited.err).not.toContain('osaka');
  expect(await peerOf(master, 'tokyo')).toMatchObject({ inStep: false, paused: { by: 'here', since: pausedAt } });
  expect(Object.keys(await tokyo.tree())).toEqual(['first.txt']);
  await ask('peer resume', master.dataDir, 'tokyo');
  await network.inStep();

  // At the mirror.
  await ask('follow pause', osaka.dataDir);
  await until(async () => (await peerOf(master, 'osaka')).paused?.by === 'there', 'the master knows');
  await put('third.txt');
  await until(async () => 'third.txt' in (await tokyo.tree()), 'tokyo has it');
  expect((await osaka.run('wait', ['--timeout', '0'])).err).toMatch(/origin \(www\) is paused, here since /);
  expect((await osaka.tree())['third.txt']).toBeUndefined();
  await ask('follow resume', osaka.dataDir);
  await network.inStep();

  // Everything.
  await master.must('pause');
  expect((await master.status()).pausedAt).toBeGreaterThan(0);
  await put('fourth.txt');
  expect(await peerOf(master, 'osaka')).toMatchObject({ paused: { by: 'here', all: true } });
  expect(await master.must('peer resume', ['osaka'])).toContain('as soon as everything does');
  await master.must('resume');
  await network.inStep();

  // Limits of both ends: the stricter counts, and both know.
  const hour = new Date().getHours();
  const limits = { bytesPerSecond: 2e6, hours: { from: (hour + 2) % 24, to: (hour + 3) % 24 } };
  const hours = `${limits.hours.from}-${limits.hours.to}`;
  const limit = await ask('peer limit', master.dataDir, 'tokyo', '--rate', '2MB/s', '--hours', hours);
  expect(limit).toEqual({ name: 'tokyo', limits });
  await ask('follow set', tokyo.dataDir, '--rate', '500k', '--connections', '2', '--delete-guard', '25');
  await until(async () => {
    const { conditions } = await peerOf(master, 'tokyo');
    return conditions?.bytesPerSecond === 5e5 && conditions.opensAt !== undefined;
  }, 'the master knows both');
  await until(async () => {
    const { conditions } = await peerOf(tokyo, 'origin');
    return conditions?.bytesPerSecond === 5e5 && conditions.hours?.[0]?.from === limits.hours.from;
  }, 'the mirror knows both');
  await put('fifth.txt');
  await until(async () => 'fifth.txt' in (await osaka.tree()), 'osaka has it');
  expect(await peerOf(master, 'tokyo')).toMatchObject({ connected: true, inStep: false, failing: 0 });
  expect((await tokyo.tree())['fifth.txt']).toBeUndefined();
  expect(await ask('peer limit', master.dataDir, 'tokyo', '--hours', 'always', '--rate', 'none')).toEqual({
    name: 'tokyo',
    limits: {},
  });
  await network.inStep();
  expect(await ask('follow list', tokyo.dataDir)).toMatchObject([
    { site: 'www', masterName: 'origin', bytesPerSecond: 5e5, connections: 2, deleteGuard: 0.25 },
  ]);

  // What a mirror leaves out may change while it runs: it is not touched any more.
  await ask('follow set', tokyo.dataDir, '--exclude', 'sixth.*');
  await put('sixth.txt');
  await put('seventh.txt');
  await until(async () => 'seventh.txt' in (await tokyo.tree()), 'the seventh is there');
  expect((await tokyo.tree())['sixth.txt']).toBeUndefined();
  await ask('follow set', tokyo.dataDir, '--exclude-nothing', '--rate', 'none');
  await until(async () => 'sixth.txt' in (await tokyo.tree()), 'the sixth is there');
  await network.inStep();

  // Parting: first what it would do.
  const files = Object.keys(await osaka.tree()).length;
  expect(await ask('follow remove', osaka.dataDir, '--dry-run')).toEqual({
    name: 'origin',
    sites: [{ site: 'www', root: osaka.root, files }],
  });
  expect(await ask('follow list', osaka.dataDir)).toHaveLength(1);
  expect(await ask('peer remove', master.dataDir, 'osaka', '--dry-run')).toMatchObject({
    sites: [{ site: 'www', files, behind: 0 }],
  });
  await ask('follow remove', osaka.dataDir);
  expect(await ask('peer list', osaka.dataDir)).toEqual([]);
  await until(async () => (await ask('peer list', master.dataDir)).length === 1, 'the master knows');
  expect((await master.run('peer pause', ['nagoya'])).err).toContain('(peer.unknown)');
  expect((await tokyo.run('peer pause', ['origin'])).err).toContain('(node.wrong-role)');
});

test('a master that was set up anew has its name back at a mirror that has left the old one', async () => {
  const { master, tokyo, ftpPort, linkPort } = await startNetwork();
  await master.stop();
  await ask('follow remove', tokyo.dataDir);
  await rm(master.dataDir, { recursive: true });
  const listen = ['--ftp', `127.0.0.1:${ftpPort}`, '--link', `127.0.0.1:${linkPort}`];
  await master.must('init', ['--role', 'master', '--name', 'origin', ...listen]);
  await master.must('site add', ['www', master.root]);
  await master.start();
  await tokyo.must('join', [await master.must('invite'), '--root', tokyo.root]);
  expect((await ask('peer list', tokyo.dataDir)).map(({ name }) => name)).toEqual(['origin']);
  await until(async () => (await peerOf(tokyo, 'origin')).inStep, 'it follows the new one');
});
