import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { Client } from 'basic-ftp';
import { expect, test as base } from '@playwright/test';
import { commands } from '../../electron/entry/cli/commands.ts';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

/** A home that knows nothing, and the packages that `npm run pack:cli` makes. */
const test = base.extend<{ home: string }, { packages: string }>({
  packages: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads a fixture's needs from this pattern
    async ({}, use) => {
      await withFolder(async (folder) => {
        await run(process.execPath, ['build/package/cli.ts', folder], { cwd: root });
        await use(folder);
      });
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads a fixture's needs from this pattern
  home: ({}, use) => withFolder(use),
});

const isWindows = process.platform === 'win32';
if (isWindows)
  process.stderr.write('The packages for servers are for systems with a shell: on Windows they are not tried\n');
test.skip(isWindows, 'the packages for servers are not tried on Windows');

test('the npm tarball is installed without a network, and runs', async ({ home, packages }) => {
  const tarball = readdirSync(packages).find((name) => name.endsWith('.tgz')) ?? '';
  const project = join(home, 'project');
  for (const folder of [project, join(home, 'site')]) mkdirSync(folder);
  const env = {
    PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`,
    HOME: home,
    npm_config_cache: join(home, 'npm'),
  };
  writeFileSync(join(project, 'package.json'), '{"private": true}');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(packages, tarball)], { cwd: project, env });
  const installed = join(project, 'node_modules', 'lockstep-cli');
  expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['lockstep-cli']);

  const command = join(project, 'node_modules', '.bin', 'lockstep');
  const lockstep = async (...args: string[]): Promise<string> =>
    (await run(command, [...args, '--data', join(home, 'data')], { env, cwd: home })).stdout;
  await lockstep('init', '--role', 'master', '--ftp', '127.0.0.1:0', '--link', '127.0.0.1:0', '--plain-ftp');
  await lockstep('site', 'add', 'www', join(home, 'site'));
  const account = JSON.parse(await lockstep('account', 'add', 'alice', '--site', 'www', '--json')) as {
    password: string;
  };
  const service = spawn(command, ['run', '--data', join(home, 'data')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(service.stdout, 'data');
    const { listeners } = JSON.parse(await lockstep('status', '--json')) as { listeners: { ftp: { port: number } } };
    const client = new Client();
    await client.access({ host: '127.0.0.1', port: listeners.ftp.port, user: 'alice', password: account.password });
    await client.uploadFrom(Readable.from(['hello']), 'a.txt');
    client.close();
    expect(readFileSync(join(home, 'site', 'a.txt'), 'utf8')).toBe('hello');
    expect(JSON.parse(await lockstep('status', '--json'))).toMatchObject({ sites: [{ name: 'www', files: 1 }] });
    const { url } = JSON.parse(await lockstep('console', '--json')) as { url: string };
    expect(await page(url)).toContain('<div id="root">');
  } finally {
    await end(service);
  }
  const manual = readFileSync(join(installed, 'man', 'lockstep.1'), 'utf8');
  for (const { words } of commands) expect(manual).toContain(`\\fBlockstep ${words.join(' ')}\\fR`);
});

test('the Debian package holds the command, the service and what belongs to them, owned by root', ({ packages }) => {
  const name = readdirSync(packages).find((each) => each.endsWith('.deb'));
  test.skip(name === undefined, 'there is no dpkg-deb');
  const listed = execFileSync('dpkg-deb', ['--contents', join(packages, name ?? '')], { encoding: 'utf8' });
  const lines = listed.trim().split('\n');
  expect(lines.filter((line) => !line.includes(' root/root '))).toEqual([]);
  for (const file of [
    './usr/bin/lockstep -> ../lib/lockstep/cli/lockstep.mjs',
    './usr/lib/lockstep/cli/lockstep.mjs',
    './usr/lib/lockstep/renderer/index.html',
    './usr/lib/systemd/system/lockstep.service',
    './usr/lib/sysusers.d/lockstep.conf',
    './usr/share/man/man1/lockstep.1.gz',
    './usr/share/bash-completion/completions/lockstep',
  ])
    expect(lines.filter((line) => line.endsWith(` ${file}`))).toHaveLength(1);
  const scripts = execFileSync('dpkg-deb', ['--info', join(packages, name ?? ''), 'postinst', 'prerm', 'postrm'], {
    encoding: 'utf8',
  });
  // Nobody's data is removed, and nothing is started that did not run before.
  expect(scripts).not.toMatch(/\brm -|systemctl (?:start|enable)[^\n]*\|\||deb-systemd-invoke start/);
});

test('the service is as systemd wants it, and exposes little', ({ home }) => {
  const analyze = spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' });
  test.skip(
    analyze.error !== undefined || Number(/systemd (\d+)/.exec(analyze.stdout)?.[1]) < 250,
    'no systemd-analyze',
  );
  const unit = join(home, 'lockstep.service');
  const service = readFileSync(join(root, 'build', 'systemd', 'lockstep.service'), 'utf8');
  writeFileSync(unit, service.replace('/usr/bin/lockstep', process.execPath));
  const verified = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
  expect({ status: verified.status, stderr: verified.stderr }).toEqual({ status: 0, stderr: '' });
  const security = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit], {
    encoding: 'utf8',
  });
  expect(
    security.status,
    security.stdout.split('\n').findLast((line) => line.includes('exposure')),
  ).toBe(0);
});

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-e2e-')));
  await work(folder);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** The certificate is the install's own, and made a moment ago. */
async function page(url: string): Promise<string> {
  const [response] = (await once(get(url, { rejectUnauthorized: false }), 'response')) as [NodeJS.ReadableStream];
  return text(response);
}

async function end(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
}
