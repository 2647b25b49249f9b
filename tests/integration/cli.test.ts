import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { Readable } from 'node:stream';
import { Client } from 'basic-ftp';
import { expect, onTestFinished, test } from 'vitest';
import { readRunFile } from '../../electron/engine/console/run-file.ts';
import { json, newMaster } from '../support/commands.ts';
import { CLI, lockstep, runLockstep } from '../support/lockstep.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test.each([
  [[], 0, /^Lockstep: publish a site/, /^$/],
  [['--version'], 0, /^lockstep \d+\.\d+\.\d+\n$/, /^$/],
  [['join', '--help'], 0, /Usage: lockstep join CODE --root PATH/, /^$/],
  [
    ['site', '--help'],
    0,
    /^ {2}site add NAME PATH .*\n(?: {2}site .*\n)+\nFor details: lockstep site COMMAND --help\.\n$/,
    /^$/,
  ],
  [['site', '--data', 'd', '-h'], 0, /^ {2}site add NAME PATH /, /^$/],
  [['help', 'waiting'], 0, /^ {2}waiting list .*\n(?: {2}waiting .*\n)+/, /^$/],
  [['site'], 2, /^$/, /“site” needs to be told what to do/],
  [
    ['stauts'],
    2,
    /^$/,
    /^lockstep: There is no command “stauts”\. Did you mean “lockstep status”\? \(usage\.invalid\)\n$/,
  ],
  [['wait', '--seq', 'x'], 2, /^$/, /^lockstep: --seq x is not a whole number\. .*\nUsage: lockstep wait /],
  [['init', '--role', 'boss'], 2, /^$/, /Write --role master\|mirror/],
])('lockstep %j exits %i', async (args, code, out, err) => {
  const outcome = await lockstep(args, { env: { LOCKSTEP_DATA: '/nonexistent/lockstep' } });
  expect(outcome).toEqual({ code, out: expect.stringMatching(out), err: expect.stringMatching(err) });
});

test('an older Node is told which one is needed, and nothing else', async () => {
  const older = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .find((node) => /^v(?:1\d|2[0-3])\./.test(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout ?? ''));
  if (older === undefined) return void process.stderr.write('not tried: there is no older Node on this machine\n');
  const { status, stdout, stderr } = spawnSync(older, [CLI, '--version'], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^lockstep: This is Node \S+, and Lockstep needs Node 24 or newer\. [^\n]*\n$/);
  return undefined;
});

test('a folder without an install, and one with a broken config, say what to do and stay as they are', async () => {
  const dataDir = await temporaryFolder();
  for (const words of [['status'], ['run'], ['site', 'add', 'www', '.'], ['wait', '--timeout', '0']]) {
    const { code, out, err } = await lockstep([...words, '--data', dataDir]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('is not the data folder of an install. Make one with lockstep init');
  }
  expect(await readdir(dataDir)).toEqual([]);
  await writeFile(
    join(dataDir, 'config.json'),
    '{"version": 1, "node": {"name": "a", "role": "mirror"}, "folows": []}',
  );
  for (const words of [['status'], ['run'], ['account', 'list']]) {
    const { code, err } = await lockstep([...words, '--data', dataDir]);
    expect([code, err]).toEqual([
      1,
      expect.stringContaining('config.json: folows is not a known key. Did you mean “follows”? (config.invalid)'),
    ]);
  }
  expect(await readFile(join(dataDir, 'config.json'), 'utf8')).toContain('folows');
});

test('an install is made once', async () => {
  const dataDir = join(await temporaryFolder(), 'data');
  const first = await lockstep(['init', '--role', 'mirror', '--name', 'osaka'], { env: { LOCKSTEP_DATA: dataDir } });
  expect(first).toEqual({ code: 0, out: expect.stringContaining('The mirror osaka is set up'), err: '' });
  const again = await lockstep(['init', '--role', 'master', '--data', dataDir]);
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('(node.exists)')]);
  const ftp = await lockstep(['init', '--role', 'mirror', '--ftp', '127.0.0.1:0', '--data', `${dataDir}2`]);
  expect([ftp.code, ftp.err]).toEqual([
    2,
    expect.stringMatching(/^lockstep: .* a mirror serves no FTP\. Leave them out/),
  ]);
});

test('sites and accounts at rest', async () => {
  const { dataDir, root } = await newMaster();
  await writeFile(join(root, 'index.html'), 'hello');
  expect(await json('site add', dataDir, 'www', root)).toEqual({ name: 'www', root });
  expect(await lockstep(['site', 'add', 'two words', root, '--data', dataDir])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^lockstep: name is not valid: use letters, digits, .+ \(call\.invalid\)\n$/),
  });
  const made = await json('account add', dataDir, 'alice', '--site', 'www');
  expect(made).toEqual({ user: 'alice', password: expect.stringMatching(/^[\w]{24}$/) });
  const add = ['account', 'add', 'bob', '--site', 'www', '--folder', 'blog', '--password-stdin', '--data', dataDir];
  expect(await lockstep(add, { input: 'short\n' })).toMatchObject({
    code: 1,
    err: expect.stringContaining('(account.bad-password)'),
  });
  expect(await lockstep(add, { input: 'correct horse\nbattery\n' })).toMatchObject({ code: 0, err: '' });
  await json('account add', dataDir, 'carol', '--site', 'www', '--releases-only');
  expect(await json('account list', dataDir)).toEqual([
    { user: 'alice', site: 'www', folder: '', kind: 'publisher', releasesOnly: false },
    { user: 'bob', site: 'www', folder: 'blog', kind: 'publisher', releasesOnly: false },
    { user: 'carol', site: 'www', folder: '', kind: 'publisher', releasesOnly: true },
  ]);
  await json('account remove', dataDir, 'alice');
  expect(await lockstep(['account', 'remove', 'alice', '--data', dataDir])).toMatchObject({
    code: 1,
    err: `lockstep: There is no account “alice”. lockstep account list --data ${dataDir} lists them. (account.unknown)\n`,
  });
  expect(await json('status', dataDir)).toMatchObject({
    node: { name: 'tokyo', role: 'master', pid: null },
    running: false,
    listeners: { ftp: null, link: null, console: null },
    sites: [{ name: 'www', root, headSeq: 1, files: 1, peers: [] }],
  });
  await json('site rescan', dataDir, 'www');
  await json('site remove', dataDir, 'www');
  expect(await readFile(join(root, 'index.html'), 'utf8')).toBe('hello');
});

test('what several processes change at once is all kept', async () => {
  const { dataDir, root } = await newMaster();
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  await Promise.all(
    names.map(async (name) => {
      await mkdir(join(root, name));
      await json('site add', dataDir, name, join(root, name));
    }),
  );
  const { sites } = await json('status', dataDir);
  expect(sites.map(({ name }) => name).sort()).toEqual(names);
});

test('from init to a file at the mirror', async () => {
  const { dataDir: masterDir, root } = await newMaster();
  const folder = await temporaryFolder();
  const [mirrorDir, mirrorRoot] = [join(folder, 'data'), join(folder, 'www')];
  const master = await runLockstep(masterDir);
  expect(master.ready).toMatch(
    /^tokyo \(master\) is ready: FTP 127\.0\.0\.1:\d+, link 127\.0\.0\.1:\d+, console https:\/\/127\.0\.0\.1:\d+\/$/,
  );
  await json('site add', masterDir, 'www', root);
  const { password = '' } = await json('account add', masterDir, 'alice', '--site', 'www');

  await json('init', mirrorDir, '--role', 'mirror', '--name', 'osaka');
  const { code } = await json('invite', masterDir, '--expires', '1m');
  expect(await json('join', mirrorDir, code, '--root', mirrorRoot)).toMatchObject({
    site: 'www',
    root: mirrorRoot,
    master: { name: 'tokyo' },
  });
  expect(await lockstep(['join', code, '--root', `${mirrorRoot}2`, '--data', mirrorDir])).toMatchObject({ code: 1 });
  const mirror = await runLockstep(mirrorDir);

  const { listeners } = await json('status', masterDir);
  const client = new Client();
  onTestFinished(() => client.close());
  await client.access({ host: '127.0.0.1', port: listeners.ftp?.port ?? 0, user: 'alice', password });
  const upload = (text: string): Promise<unknown> =>
    client.uploadFrom(Readable.from([Buffer.from(text)]), 'index.html');
  await upload('one');
  expect(await json('wait', masterDir, '--timeout', '120s')).toEqual({ inStep: true, behind: [] });
  expect(await readFile(join(mirrorRoot, 'index.html'), 'utf8')).toBe('one');
  expect(await json('wait', mirrorDir, '--seq', '1', '--timeout', '120s')).toEqual({ inStep: true, behind: [] });

  expect(await json('history', masterDir, '--path', '*.html', '--limit', '5')).toMatchObject([
    {
      site: 'www',
      seq: 1,
      op: 'put',
      path: 'index.html',
      size: 3,
      by: 'alice',
      deliveries: [{ peer: 'osaka', state: 'published' }],
    },
  ]);
  const asked = ['--change', 'put', '--state', 'arrived', '--mirror'];
  expect((await json('history', masterDir, ...asked, 'osaka')).map(({ op }) => op)).toContain('put');
  for (const dir of [masterDir, mirrorDir])
    expect(await lockstep(['history', '--mirror', 'nobody', '--data', dir])).toMatchObject({
      code: 1,
      err: expect.stringContaining('(peer.unknown)'),
    });
  expect(await json('history', masterDir, '--until', '2020-01-01', '--mirror', 'osaka')).toEqual([]);
  expect(await json('history', masterDir, '--until', '2020-01-01')).toEqual([]);
  expect(await lockstep(['history', '--state', 'lost', '--data', masterDir])).toMatchObject({ code: 2 });
  expect(await json('history', mirrorDir, '--since', '1h')).toMatchObject([
    { path: 'index.html', deliveries: [{ state: 'published' }] },
  ]);
  expect(await json('peer list', masterDir)).toMatchObject([
    { name: 'osaka', role: 'mirror', dial: 'mirror', sites: ['www'] },
  ]);
  expect(await json('waiting list', mirrorDir)).toEqual([]);
  const { findings } = await json('doctor', masterDir);
  expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
  const status = await lockstep(['status', '--data', masterDir]);
  expect(status.out).toContain('● osaka  in step');

  expect(await mirror.end()).toMatchObject({ code: 0, signal: null });
  const answers = (await json('doctor', mirrorDir)).findings.filter(({ check }) => check === 'peer');
  expect(answers).toMatchObject([
    {
      check: 'peer',
      subject: 'tokyo',
      level: 'ok',
      sentence: expect.stringMatching(/^tokyo answers at 127\.0\.0\.1:\d+ with/),
    },
  ]);
  await upload('two');
  const late = await lockstep(['wait', '--timeout', '1s', '--data', masterDir]);
  expect([late.code, late.err]).toEqual([
    3,
    expect.stringMatching(/^lockstep: Not in step in time: osaka \(www\) is away, .*\(not-in-step\)\n$/),
  ]);
  const following = await runLockstep(mirrorDir);
  await json('wait', masterDir, '--timeout', '120s');
  expect(await readFile(join(mirrorRoot, 'index.html'), 'utf8')).toBe('two');

  await json('peer remove', masterDir, 'osaka');
  await following.end();
  const ended = await master.end('SIGINT');
  // Windows has no signals: there it was ended by force.
  if (process.platform !== 'win32') {
    expect(ended).toMatchObject({ code: 0, signal: null });
    await expect(stat(join(masterDir, 'run.json'))).rejects.toThrow('ENOENT');
  }
  expect(await lockstep(['doctor', '--data', mirrorDir])).toMatchObject({
    code: 1,
    out: expect.stringMatching(/▲ problem {2}tokyo: .+ cannot be reached at 127\.0\.0\.1:\d+/),
  });
  expect(await json('status', masterDir)).toMatchObject({ running: false, sites: [{ headSeq: 2, peers: [] }] });
});

test('one engine to a data folder, also after the last one was killed', async () => {
  const { dataDir } = await newMaster();
  expect(await lockstep(['console', '--data', dataDir])).toMatchObject({
    code: 1,
    err: expect.stringContaining('(node.not-running)'),
  });
  const first = await runLockstep(dataDir);
  const second = await lockstep(['run', '--data', dataDir]);
  expect([second.code, second.err]).toEqual([1, expect.stringContaining(`(process ${first.process.pid})`)]);
  const { url } = await json('console', dataDir);
  expect(url).toBe(`${/https:\S+/.exec(first.ready)?.[0]}#token=${(await readRunFile(dataDir))?.token}`);
  await first.end('SIGKILL');
  const both = await Promise.all([1, 2].map(() => runLockstep(dataDir).catch((error: unknown) => String(error))));
  const [won, lost] = both.sort((one) => (typeof one === 'string' ? 1 : -1));
  expect(lost).toContain('(node.running)');
  if (typeof won !== 'object') throw new Error('no engine runs');
  expect(await won.end()).toMatchObject({ code: 0 });
  const third = await runLockstep(dataDir);
  expect(await third.end()).toEqual({ code: 0, signal: null, out: `${third.ready}\n`, err: '' });
});
