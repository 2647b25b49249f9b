import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Engine } from '../../electron/engine/engine.ts';
import { drop, dropMaster, folderOf } from '../support/drops.ts';
import { type FtpSrvServer, startFtpSrv } from '../support/ftp-srv-server.ts';

const TO = { kind: 'target' as const, target: 'plain' };

test('a server that begins TLS on the data connection before it answers STOR gets whole files', async () => {
  const server = await startFtpSrv();
  const engine = await withTarget(server);
  const folder = await folderOf({ 'index.html': 'the page', 'empty.txt': '' });
  expect(await drop(engine, { to: TO, sources: [folder] })).toMatchObject({ state: { is: 'done', changes: 2 } });
  expect(await filesOf(server)).toEqual({ 'index.html': 'the page', 'empty.txt': '' });
});

test('where no file is renamed onto another, the old one makes room, and nothing of it is left', async () => {
  const server = await startFtpSrv('onto-nothing');
  await writeFile(join(server.root, 'index.html'), 'before');
  const engine = await withTarget(server);
  const folder = await folderOf({ 'index.html': 'after, and longer' });
  expect(await drop(engine, { to: TO, sources: [folder] })).toMatchObject({ state: { is: 'done' } });
  expect(await filesOf(server)).toEqual({ 'index.html': 'after, and longer' });
});

test('where the new file cannot get its name, the old one stays', async () => {
  const server = await startFtpSrv('hidden');
  await writeFile(join(server.root, 'index.html'), 'before');
  const engine = await withTarget(server);
  const folder = await folderOf({ 'index.html': 'after, and longer' });
  const stopped = await drop(engine, { to: TO, sources: [folder] });
  expect(stopped.state).toMatchObject({ is: 'stopped', error: { code: 'publish.refused' } });
  expect((await filesOf(server))['index.html']).toBe('before');
  await engine.call('publish.cancel', { job: stopped.id });
  expect(await filesOf(server)).toEqual({ 'index.html': 'before' });
});

test('where a drop is cancelled in the moment in which the old file makes room, that one comes back', async () => {
  const [aside, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const server = await startFtpSrv('onto-nothing', async (to) => {
    if (!to.endsWith('.old')) return;
    aside.resolve();
    await end.promise;
  });
  await writeFile(join(server.root, 'index.html'), 'before');
  const engine = await withTarget(server);
  const folder = await folderOf({ 'index.html': 'after, and longer' });
  const { id } = await engine.call('publish.start', { to: TO, sources: [folder], name: 'a drop' });
  await aside.promise;
  await engine.call('publish.cancel', { job: id });
  end.resolve();
  expect(await filesOf(server)).toEqual({ 'index.html': 'before' });
});

async function withTarget({ port, fingerprint }: FtpSrvServer): Promise<Engine> {
  const { engine } = await dropMaster();
  const trust = { by: 'fingerprint' as const, fingerprint };
  const target = { name: 'plain', host: '127.0.0.1', port, user: 'editor', trust };
  await engine.call('target.add', { target, password: 'a-password' });
  return engine;
}

async function filesOf({ root }: FtpSrvServer): Promise<Record<string, string>> {
  const names = await readdir(root);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(root, name), 'utf8')])),
  );
}
