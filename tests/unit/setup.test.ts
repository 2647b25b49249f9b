import { execFile, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** The set-up in a checkout of one package, with a program in npm's place that installs what it is told to. */
const build = join(import.meta.dirname, '..', '..', 'build');
let checkout: string;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'lockstep-setup-'));
  mkdirSync(join(checkout, 'build'));
  for (const file of ['setup.mjs', 'chromium.mjs']) cpSync(join(build, file), join(checkout, 'build', file));
  writeLock('1.0.0');
  writeNpm(INSTALL);
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

// Npm's hidden lock file comes last, as npm writes it.
const INSTALL = `
const lock = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));
delete lock.packages[''];
fs.mkdirSync('node_modules/a', { recursive: true });
fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify(lock));`;

describe.skipIf(process.platform === 'win32')('the set-up', () => {
  it('installs once, says so on stderr, and is silent afterwards', async () => {
    expect(await setUp()).toEqual({ code: 0, out: '', err: 'set-up: installing packages (npm ci)\n' });
    expect(await setUp()).toEqual({ code: 0, out: '', err: '' });
    expect(installs()).toEqual(['ci --ignore-scripts --include=dev --include=optional --no-audit --no-fund']);
  });

  it('installs again when package-lock.json has changed', async () => {
    await setUp();
    writeLock('2.0.0');
    expect(await setUp()).toMatchObject({ code: 0, err: 'set-up: installing packages (npm ci)\n' });
    expect(installs()).toHaveLength(2);
  });

  it('installs again after an install that was broken off', async () => {
    writeNpm(`${INSTALL}\nfs.rmSync('node_modules/.package-lock.json'); process.kill(process.ppid, 'SIGKILL');`);
    expect((await setUp()).code).not.toBe(0);
    writeNpm(INSTALL);
    expect(await setUp()).toMatchObject({ code: 0, err: 'set-up: installing packages (npm ci)\n' });
  });

  it('takes what somebody installed by hand', async () => {
    await setUp();
    rmSync(join(checkout, 'node_modules', '.lockstep-setup'));
    expect(await setUp()).toEqual({ code: 0, out: '', err: '' });
    expect(installs()).toHaveLength(1);
  });

  it('lets one of two at once install, and the other wait', async () => {
    writeNpm(`${INSTALL}\nAtomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);`);
    const results = await Promise.all([setUp(), setUp(), setUp()]);
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(installs()).toHaveLength(1);
  });

  it('passes over the lock of a process that is gone', async () => {
    const gone = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => gone.once('exit', resolve));
    mkdirSync(join(checkout, '.cache'));
    writeFileSync(join(checkout, '.cache', 'setup.lock'), String(gone.pid));
    expect(await setUp()).toMatchObject({ code: 0 });
    expect(existsSync(join(checkout, '.cache', 'setup.lock'))).toBe(false);
  });

  it.each([
    ['getaddrinfo ENOTFOUND registry', 'the package registry cannot be reached'],
    [
      'code EUSAGE\nnpm error `npm ci` can only install when package.json and package-lock.json are in sync',
      'npm install',
    ],
    ['ENOSPC: no space left on device', 'the disk is full'],
    ['something nobody has seen', 'run `npm ci` to see all that npm says'],
  ])('tells a failure in one line with its mend: %s', async (said, mend) => {
    writeNpm(`console.error(${JSON.stringify(`npm error ${said}`)}); process.exit(1);`);
    const { code, out, err } = await setUp();
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err.trimEnd().split('\n')).toEqual([
      'set-up: installing packages (npm ci)',
      expect.stringMatching(/^set-up: npm ci failed \(1\): .+, then run the command again\.$/),
    ]);
    expect(err).toContain(mend);
  });

  it('tells what to install where there is no Chromium and none can be had', async () => {
    await setUp();
    const { code, err } = await setUp(['--tests'], { LOCKSTEP_CHROMIUM: join(checkout, 'missing'), PATH: '' });
    expect({ code, lines: err.trimEnd().split('\n').length }).toEqual({ code: 0, lines: 1 });
    expect(err).toContain('the end-to-end tests will be skipped');
  });
});

function setUp(args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<{ code: number; out: string; err: string }> {
  const path = [join(checkout, 'bin'), process.env['PATH']].join(delimiter);
  const options = { env: { ...process.env, npm_execpath: '', PATH: path, ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(checkout, 'build', 'setup.mjs'), ...args], options, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err });
    });
  });
}

/** The arguments of each install so far. */
function installs(): string[] {
  return readFileSync(join(checkout, 'npm.log'), 'utf8').trimEnd().split('\n');
}

function writeLock(version: string): void {
  const packages = { '': { name: 'x' }, 'node_modules/a': { version, integrity: `sha512-${version}` } };
  writeFileSync(join(checkout, 'package-lock.json'), JSON.stringify({ packages }));
}

function writeNpm(body: string): void {
  const file = join(checkout, 'bin', 'npm');
  mkdirSync(join(checkout, 'bin'), { recursive: true });
  const log = "fs.appendFileSync('npm.log', process.argv.slice(2).join(' ') + '\\n');";
  writeFileSync(file, `#!${process.execPath}\nconst fs = require('node:fs');\n${log}\n${body}\n`);
  chmodSync(file, 0o755);
}
