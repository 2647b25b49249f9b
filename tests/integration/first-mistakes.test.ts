import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { heldHere } from '../support/held-here.ts';
import { ask, inProcess, newMaster } from '../support/commands.ts';
import { CLI, lockstep, runLockstep } from '../support/lockstep.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/* What somebody does wrong on the first day is one line each, with what to do about just that. */

test('a folder that is not there is no site, and no drop either', async () => {
  const { dataDir, root } = await newMaster();
  const missing = join(root, 'nothing');
  const added = await inProcess(['site', 'add', 'www', missing, '--data', dataDir]);
  expect(added).toEqual({
    code: 1,
    out: '',
    err: `lockstep: There is no folder “${missing}” on this machine. Name the folder that holds the site, or make it first. (site.no-folder)\n`,
  });
  await ask('site add', dataDir, 'www', root);
  const dropped = await inProcess(['publish', missing, '--data', dataDir]);
  expect(dropped).toMatchObject({ code: 1, out: '', err: expect.stringContaining('is not there') });
  expect(await ask('drop list', dataDir)).toEqual([]);
});

test('a folder that cannot be used is told as that, and is no site: it can be added once it is right', async () => {
  const { dataDir, root } = await newMaster();
  const reserved = join(root, '.lockstep');
  await writeFile(reserved, 'in the way');
  const { code, out, err } = await inProcess(['site', 'add', 'www', root, '--data', dataDir]);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain('.lockstep');
  expect(err).not.toContain('site.unknown');
  expect((await ask('status', dataDir)).sites).toEqual([]);
  expect(await readFile(join(dataDir, 'config.json'), 'utf8')).not.toContain(root);
  await rm(reserved);
  expect(await ask('site add', dataDir, 'www', root)).toEqual({ name: 'www', root });
});

test.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
  'a folder that can only be read is told as that, and not as one that is not there',
  async () => {
    const { dataDir, root } = await newMaster();
    // As the folders that the unit of the service does not name.
    const mount = `mount -t tmpfs -o ro none '${root}' && exec "$@"`;
    const args = ['-m', 'sh', '-c', mount, 'sh', process.execPath, CLI, 'site', 'add', 'www', root, '--data', dataDir];
    const { status, stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8' });
    if (stderr.includes('mount:') || stderr.includes('unshare:'))
      return void process.stderr.write(`not tried: ${stderr}`);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('(file.read-only)');
    expect(await readFile(join(dataDir, 'config.json'), 'utf8')).not.toContain(root);
    return undefined;
  },
);

test.skipIf(process.platform === 'win32')('a folder that cannot be looked at is not said to be missing', async () => {
  const { dataDir, root } = await newMaster();
  await symlink('loop', join(root, 'loop'));
  for (const [name, code] of [
    ['loop', 'path.link'],
    ['x'.repeat(300), 'path.too-long'],
    ['none', 'site.no-folder'],
  ] as const)
    expect((await inProcess(['site', 'add', 'www', join(root, name), '--data', dataDir])).err).toContain(`(${code})`);
});

test('something else of the name .lockstep is told with the folder that it is in', async () => {
  const { dataDir, root } = await newMaster();
  await writeFile(join(root, '.lockstep'), '');
  expect((await inProcess(['site', 'add', 'www', root, '--data', dataDir])).err).toBe(
    `lockstep: In “${root}” something else is named “.lockstep”, the name of Lockstep’s own folder in each site. Move it out of the way, or choose another folder. (site.reserved-taken)\n`,
  );
});

test('a name that no install may have is refused as it was typed, before anything is made', async () => {
  const dataDir = join(await temporaryFolder(), 'data');
  const { code, err } = await inProcess(['init', '--role', 'master', '--name', 'my site', '--data', dataDir]);
  expect([code, err.split('\n')[0]]).toEqual([
    2,
    'lockstep: --name “my site” is no name of an install. Use letters, digits, “.”, “_” and “-”, at most 64, and begin with a letter or digit. (usage.invalid)',
  ]);
  await expect(access(dataDir)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a setting is named as it was typed', async () => {
  const { dataDir } = await newMaster();
  const set = async (key: string, value: string) =>
    (await inProcess(['config', 'set', key, value, '--data', dataDir])).err.split('.').slice(0, 2).join('.');
  expect(await set('ftp.port', 'abc')).toBe('lockstep: ftp.port is not valid: it must be a number');
  expect(await set('ftp.prot', '3')).toBe('lockstep: ftp.prot is not a known key');
  expect(await set('ftp.certificate.cert', 'a.pem')).toBe('lockstep: ftp.certificate is not set by this command');
  expect(await set('sites', 'www')).toBe(
    'lockstep: sites is not set by this command. See lockstep site set, route, group and link',
  );
  expect(await set('link.port', 'abc')).toBe('lockstep: link.port is not valid: it must be a number');
});

test('a port alone opens FTP and the link to the network, and the console not', async () => {
  const dataDir = join(await temporaryFolder(), 'data');
  const order = ['--role', 'master', '--ftp', '2199', '--link', '2198', '--console', '2197'];
  expect(await inProcess(['init', ...order, '--data', dataDir])).toMatchObject({ code: 0 });
  const { config } = await ask('config get', dataDir);
  expect([config.ftp?.host, config.link?.host, config.console.host]).toEqual(['0.0.0.0', '0.0.0.0', '127.0.0.1']);
});

test('the port of an address may be set alone, as that of FTP', async () => {
  const { dataDir } = await newMaster();
  const before = (await ask('config get', dataDir)).config;
  await ask('config set', dataDir, 'console.port', '2199');
  const { config } = await ask('config set', dataDir, 'link.port', '2198');
  expect(config).toEqual({
    ...before,
    link: { host: '127.0.0.1', port: 2198 },
    console: { host: '127.0.0.1', port: 2199 },
  });
  await ask('config set', dataDir, 'ftp', '127.0.0.1:2197');
  // Of one part the other stays what it is: the console is not opened to the network by its port.
  await ask('config set', dataDir, 'console', '2196');
  expect(await ask('config get', dataDir)).toMatchObject({
    config: { ftp: { ...before.ftp, host: '127.0.0.1', port: 2197 }, console: { host: '127.0.0.1', port: 2196 } },
  });
  expect((await inProcess(['config', 'set', 'ftp', 'none', '--data', dataDir])).err).toContain(
    'none is not an address. Write HOST:PORT',
  );
  await ask('config set', dataDir, 'link', 'none');
  expect((await inProcess(['config', 'set', 'link.port', '1', '--data', dataDir])).err).toContain('link.host');
});

test('too many deletes: the command that asks says how it is told that they are meant', async () => {
  const { dataDir, root } = await newMaster();
  const files = Array.from({ length: 12 }, (_, at) => join(root, `${at}.txt`));
  for (const file of files) await writeFile(file, file);
  await ask('site add', dataDir, 'www', root);
  await ask('site rescan', dataDir, 'www');
  for (const file of files) await rm(file);
  const { code, err } = await lockstep(['site', 'rescan', 'www', '--data', dataDir]);
  expect([code, err]).toEqual([1, expect.stringMatching(/say so with --allow-deletes; .*\(guard\.held\)\n$/)]);
  expect(await ask('site rescan', dataDir, 'www', '--allow-deletes')).toMatchObject({ changed: 12 });
});

test.skipIf(process.platform === 'win32')(
  'of a Lockstep that is held nobody says that it does not let another in',
  async () => {
    const { dataDir } = await newMaster();
    const running = await runLockstep(dataDir);
    running.process.kill('SIGSTOP');
    const { code, err } = await lockstep(['status', '--data', dataDir]);
    running.process.kill('SIGCONT');
    const held = `lockstep: Lockstep is running on this data folder (process ${running.process.pid}), but does not answer. It may be very busy`;
    expect([code, err]).toEqual([1, expect.stringContaining(held)]);
  },
);

test('a port that is taken is one line', async () => {
  const { dataDir } = await newMaster();
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  await ask('config set', dataDir, 'ftp.port', String(port));
  const { code, out, err } = await lockstep(['run', '--data', dataDir]);
  other.close();
  expect({ code, out, err }).toEqual({
    code: 1,
    out: '',
    err: `lockstep: Port ${port} at 127.0.0.1 is in use by ${heldHere(port)} (port.busy)\n`,
  });
});

test('an install is not made among the files of somebody', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, '.profile'), 'of a home folder');
  const init = (dataDir: string) => inProcess(['init', '--role', 'mirror', '--name', 'osaka', '--data', dataDir]);
  await writeFile(join(folder, 'letter.txt'), 'of somebody');
  const { code, out, err } = await init(folder);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(`“${folder}” holds other files, such as “letter.txt”. Name an empty folder with --data`);
  await rm(join(folder, 'letter.txt'));
  expect(await init(folder)).toMatchObject({ code: 0, err: '' });
});

test.each([
  ['two that are given', ['--ftp', '127.0.0.1:2345', '--link', '2345']],
  ['one that is given, and the usual one', ['--ftp', '2122']],
  ['that of the console', ['--console', '2345', '--link', '127.0.0.1:2345']],
])('listeners of one install have no port in common: %s', async (_, listen) => {
  const dataDir = join(await temporaryFolder(), 'data');
  const { code, out, err } = await inProcess(['init', '--role', 'master', ...listen, '--data', dataDir]);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(/is in use by another listener of this install\. Set another port: .* \(port\.own\)/);
  await expect(access(dataDir)).rejects.toThrow();
});

test('a folder that is a site already, or the data folder, is told as that', async () => {
  const { dataDir, root } = await newMaster();
  await ask('site add', dataDir, 'www', root);
  for (const folder of [root, dataDir]) {
    const { code, err } = await inProcess(['site', 'add', 'again', folder, '--data', dataDir]);
    expect(code).toBe(1);
    expect(err).toContain(`The folder “${folder}” is the folder of another site or of Lockstep itself.`);
  }
  const { err } = await inProcess(['init', '--role', 'mirror', '--data', join(root, 'data')]);
  expect(err).toContain(`The folder “${join(root, 'data')}” overlaps with “${root}”, the folder of another site`);
});

test('a path is found as the shell completes it, and one that there never was is no success', async () => {
  const { dataDir, root } = await newMaster();
  await mkdir(join(root, 'img'));
  await writeFile(join(root, 'img', 'a.svg'), '<svg/>');
  await ask('site add', dataDir, 'www', root);
  expect(await ask('site show', dataDir, './img/a.svg')).toMatchObject({ path: 'img/a.svg' });
  expect(await ask('version list', dataDir, './img/a.svg')).toMatchObject([{ current: true }]);
  expect(await ask('route test', dataDir, './img/a.svg')).toMatchObject({ path: 'img/a.svg' });
  expect(await ask('site ls', dataDir, './img/')).toMatchObject([{ path: 'img/a.svg' }]);
  expect(await ask('site ls', dataDir, '.')).toMatchObject([{ path: 'img' }]);
  expect(await inProcess(['version', 'list', 'img/b.svg', '--data', dataDir])).toEqual({
    code: 1,
    out: '',
    err: 'lockstep: “img/b.svg” is not there. Check the name: upper and lower case differ. (file.not-found)\n',
  });
});

test('what is asked for by a wrong name is no success', async () => {
  const { dataDir, root } = await newMaster();
  await mkdir(join(root, 'empty'));
  await writeFile(join(root, 'a.html'), 'a');
  await ask('site add', dataDir, 'www', root);
  expect(await ask('site ls', dataDir, 'empty')).toEqual([]);
  const outcome = async (...words: string[]) => {
    const { code, out, err } = await inProcess([...words, '--data', dataDir]);
    return [code, out, /\((.+)\)\n$/.exec(err)?.[1]];
  };
  expect(await outcome('site', 'ls', 'nothing')).toEqual([1, '', 'file.not-found']);
  expect(await outcome('site', 'ls', 'a.html')).toEqual([1, '', 'file.not-directory']);
  expect(await outcome('history', '--site', 'nothing')).toEqual([1, '', 'site.unknown']);
});
