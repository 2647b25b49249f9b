import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Client } from 'basic-ftp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { heldHere } from '../support/held-here.ts';
import { lockstep } from '../support/lockstep.ts';
import { Install, type Network, PASSWORD, startNetwork, USER } from '../support/network.ts';
import { until } from '../support/until.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

type Json = Record<string, unknown>;

async function editConfig(install: Install, change: (config: Json) => Json): Promise<void> {
  const file = join(install.dataDir, 'config.json');
  await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')) as Json)));
}

const first = (value: unknown): Json => (value as Json[])[0] ?? {};
const names = async (install: Install): Promise<string[]> =>
  Object.keys(await install.tree()).filter((path) => !path.endsWith('/'));

async function login(network: Network): Promise<Client> {
  const client = new Client(30_000);
  onTestFinished(() => client.close());
  const secureOptions = { rejectUnauthorized: false };
  await client.access({
    host: '127.0.0.1',
    port: network.ftpPort,
    user: USER,
    password: PASSWORD,
    secure: true,
    secureOptions,
  });
  return client;
}

const put = (client: Client, path: string): Promise<unknown> =>
  client.uploadFrom(Readable.from([Buffer.from(`content of ${path}`)]), path);

test('routes and excludes by glob, edited while all run', async () => {
  const network = await startNetwork();
  const { master, tokyo, osaka } = network;
  const client = await login(network);
  await client.send('MKD images');
  for (const path of ['index.html', 'images/a.png', 'images/b.jpg']) await put(client, path);
  await network.inStep();

  const routes = [
    { glob: 'images', mirrors: 'all' },
    { glob: 'images/**', mirrors: 'all' },
    { glob: '**', mirrors: ['osaka'] },
  ];
  await editConfig(master, (config) => ({ ...config, sites: [{ ...first(config['sites']), routes }] }));
  await until(async () => !(await names(tokyo)).includes('index.html'), 'tokyo has images only');
  await put(client, 'about.html');
  await put(client, 'images/c.png');
  await client.rename('images/a.png', 'moved.png');
  await master.must('wait');
  expect(await names(tokyo)).toEqual(['images/b.jpg', 'images/c.png']);
  expect(await osaka.tree()).toEqual(await master.tree());

  await editConfig(master, (config) => ({ ...config, sites: [{ ...first(config['sites']), routes: [] }] }));
  await until(async () => (await names(tokyo)).includes('about.html'), 'tokyo has all again');
  await network.inStep();

  await osaka.stop();
  await editConfig(osaka, (config) => ({
    ...config,
    follows: [{ ...first(config['follows']), exclude: ['**/*.jpg'] }],
  }));
  await osaka.start();
  await put(client, 'about.html');
  await put(client, 'images/d.jpg');
  await put(client, 'e.jpg');
  await master.must('wait');
  expect((await names(tokyo)).filter((path) => path.endsWith('.jpg'))).toEqual([
    'e.jpg',
    'images/b.jpg',
    'images/d.jpg',
  ]);
  expect(await names(osaka)).not.toContain('images/d.jpg');
});

test('a config that is not right is named, and what runs goes on', async () => {
  const network = await startNetwork();
  const { master, tokyo } = network;
  const client = await login(network);
  const file = join(master.dataDir, 'config.json');
  const good = await readFile(file, 'utf8');
  const config = JSON.parse(good) as { ftp: Json; sites: Json[] };
  const broken: ReadonlyArray<readonly [string, RegExp]> = [
    [JSON.stringify({ ...config, ftp: { ...config.ftp, tsl: 'required' } }), /ftp\.tsl is not a known key/],
    [JSON.stringify({ ...config, ftp: { ...config.ftp, port: '2121' } }), /ftp\.port/],
    [JSON.stringify({ ...config, sites: [{ ...config.sites[0], watch: 'yes' }] }), /sites\[0\]\.watch/],
    [JSON.stringify({ ...config, sites: [config.sites[0], config.sites[0]] }), /sites\[1\]\.name/],
    [good.slice(0, good.length / 2), /is not JSON/],
    ['', /is not JSON/],
  ];
  for (const [index, [text, complaint]] of broken.entries()) {
    await writeFile(file, text);
    await until(async () => complaint.test((await master.run('doctor')).out), `doctor complains of ${text}`);
    await until(async () => complaint.test((await master.run('status')).out), `status complains of ${text}`);
    expect((await master.run('status')).out).toContain(
      '▲ config.json is not in force, and the earlier settings still apply: ',
    );
    const refused = await master.run('site remove', ['www']);
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(complaint)]);
    expect(await readFile(file, 'utf8')).toBe(text);
    await put(client, `${index}.html`);
    await master.must('wait');
  }
  await writeFile(file, good);
  await until(async () => !(await master.run('status')).out.includes('not in force'), 'the config is in force again');
  await writeFile(file, '');
  await master.stop();
  const atStart = await master.run('run');
  expect([atStart.code, atStart.err]).toEqual([1, expect.stringMatching(/is not JSON.+\(config\.invalid\)/)]);
  await writeFile(file, good);
  await master.start();
  await network.inStep();
  expect(await names(tokyo)).toHaveLength(broken.length);
  await editConfig(master, (value) => ({ ...value, node: { name: 'origin', role: 'mirror' } }));
  const role = /not in force.+ node\.role is not valid: it must be one of master\./;
  await until(async () => role.test((await master.run('status')).out), 'the role does not change');
  await put(await login(network), 'last.html');
  await network.inStep();
});

test('what is taken away from accounts and peers is gone at once', async () => {
  const network = await startNetwork();
  const { master, tokyo, osaka } = network;
  const client = await login(network);
  await put(client, 'a.html');
  await network.inStep();

  await master.must('account remove', [USER]);
  await expect(login(network)).rejects.toThrow(/530/);

  expect(await master.must('account list')).toMatch(/mirror osaka +www/);
  await master.must('peer remove', ['osaka']);
  await until(async () => (await osaka.status()).sites[0]?.peers[0]?.connected === false, 'osaka is told');
  expect((await master.status()).sites[0]?.peers.map(({ name }) => name)).toEqual(['tokyo']);
  expect(await master.must('account list')).not.toContain((await osaka.status()).node.id.slice(0, 12));
  expect(await names(osaka)).toEqual(['a.html']);
  expect(await master.run('peer remove', ['osaka'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('(peer.unknown)'),
  });

  await master.must('account add', [USER, '--site', 'www', '--password-stdin'], `${PASSWORD}\n`);
  await put(await login(network), 'c.html');
  await master.must('wait');
  expect(await names(tokyo)).toEqual(['a.html', 'c.html']);
  expect(await names(osaka)).toEqual(['a.html']);

  // It can be paired again, after it has parted as well.
  await osaka.must('peer remove', ['origin']);
  // Asked twice at once it is paired once: the second one does not take the login from the first.
  const codes = [await master.must('invite'), await master.must('invite')];
  const joins = await Promise.all(codes.map((code) => osaka.run('join', [code, '--root', osaka.root])));
  expect(joins.filter(({ code }) => code === 0)).toHaveLength(1);
  expect(joins.map(({ err }) => err).join('')).toContain('(pair.followed)');
  await network.inStep();
});

test('pairing codes that are mistyped, used, or for what is there already', async () => {
  const network = await startNetwork();
  const { master, tokyo } = network;
  const kyoto = new Install('kyoto', network.folder);
  await kyoto.must('init', ['--role', 'mirror', '--name', 'tokyo']);
  const join = (code: string, root = kyoto.root) => kyoto.run('join', [code, '--root', root]);
  const code = await master.must('invite');
  const wrongAt = (at: number): string => `${code.slice(0, at)}${code[at] === 'A' ? 'B' : 'A'}${code.slice(at + 1)}`;
  let at = code.length - 2;
  while (code[at] === code[at - 1]) at -= 1;
  const swapped = `${code.slice(0, at - 1)}${code[at]}${code[at - 1]}${code.slice(at + 1)}`;
  for (const wrong of ['lockstep1-abc', code.slice(0, -1), swapped, wrongAt(40), '日本'])
    expect([(await join(wrong)).err, wrong]).toEqual([expect.stringContaining('(pair.bad-code)'), wrong]);
  expect(await master.run('join', [code, '--root', master.root])).toMatchObject({
    code: 1,
    err: expect.stringContaining('(node.wrong-role)'),
  });
  expect(await tokyo.run('join', [code, '--root', join.name])).toMatchObject({
    code: 1,
    err: expect.stringContaining('(pair.followed)'),
  });
  expect(await join(code, kyoto.dataDir)).toMatchObject({ code: 1, err: expect.stringContaining('(site.root-clash)') });
  // A second mirror of the same name: whoever is there keeps working, and one can tell them apart.
  const outcome = await join(code);
  if (outcome.code === 0) {
    await kyoto.start();
    await put(await login(network), 'a.html');
    await network.inStep();
    expect(await kyoto.tree()).toEqual(await master.tree());
    expect(new Set((await master.status()).sites[0]?.peers.map(({ name }) => name)).size).toBe(3);
  }
  expect((await tokyo.run('join', [code, '--root', `${tokyo.root}2`])).code).toBe(1);
});

test('ports that are in use are named', async () => {
  const folder = await temporaryFolder();
  const port = await freePort();
  const blocker = createServer().listen(port, '127.0.0.1');
  await once(blocker, 'listening');
  onTestFinished(() => void blocker.close());
  for (const flag of ['--ftp', '--link', '--console']) {
    const install = new Install(`master ${flag}`, folder);
    const others = ['--ftp', '--link', '--console'].filter((other) => other !== flag);
    const listen = [flag, `127.0.0.1:${port}`, ...others.flatMap((other) => [other, '127.0.0.1:0'])];
    await install.must('init', ['--role', 'master', ...listen]);
    const outcome = await install.run('run');
    expect([flag, outcome.code, outcome.out, outcome.err]).toEqual([
      flag,
      1,
      '',
      expect.stringContaining(`lockstep: Port ${port} at 127.0.0.1 is in use by ${heldHere(port)} (port.busy)\n`),
    ]);
    await rm(install.dataDir, { recursive: true });
  }
});

describe('wrong usage', () => {
  test.each([
    ['init', '--role'],
    ['init', '--role', 'master', '--ftp', 'nonsense:port'],
    ['init', '--role', 'master', '--ftp', '127.0.0.1:70000'],
    ['site'],
    ['site', 'add', 'www'],
    ['site', 'remove'],
    ['site', 'rescan', 'www', 'extra'],
    ['account', 'add', 'alice'],
    ['account', 'list', '--sites'],
    ['account', 'remove'],
    ['invite', '--expires', 'soon'],
    ['invite', '--address', 'host:port'],
    ['join', '--root', '/tmp'],
    ['join', 'CODE'],
    ['join', 'CODE', '--root', '/tmp', '--dial', 'both'],
    ['peer', 'remove'],
    ['peer', 'liste'],
    ['run', '--log', 'loud'],
    ['console', 'open'],
    ['status', '--jsn'],
    ['wait', '--timeout', 'long'],
    ['wait', '--seq', '-1'],
    ['history', '--since', 'yesterday-ish'],
    ['history', '--limit', '0'],
    ['waiting', 'publish'],
    ['waiting', 'discard', 'a', 'b'],
    ['doctor', 'who'],
  ])('lockstep %s %s %s %s %s', async (...args) => {
    const dataDir = join(await temporaryFolder(), 'none');
    await mkdir(dataDir);
    const { code, out, err } = await lockstep(
      args.filter((arg) => arg !== undefined),
      { env: { LOCKSTEP_DATA: dataDir } },
    );
    expect({ code, out, err }).toEqual({
      code: 2,
      out: '',
      err: expect.stringMatching(/^lockstep: .+\. .+[.?] \(usage\.invalid\)\n/),
    });
  });
});
