// Makes a fresh clone usable. Every npm script runs it first, so it must start on an old Node (20) without any package,
// take next to no time when there is nothing to do, and write to stderr only: stdout belongs to the script that follows.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findChromium } from './chromium.mjs';

const NODE_MAJOR = 24;
const LOCK_POLL_MILLIS = 200;

/** A failure that is told in one line: what is wrong, and the mend. */
export class SetupError extends Error {}

/**
 * Installs what package-lock.json names, unless it is there already.
 * @param {string} root the checkout
 * @param {(message: string) => void} say
 */
export async function setUp(root, say) {
  if (!isInstalled(root)) {
    await withLock(join(root, '.cache', 'setup.lock'), say, () => {
      if (!isInstalled(root) && !adopt(root)) install(root, say);
    });
  }
  requireNode(root);
}

/**
 * True when the last install was made from this very lock file, for this kind of machine.
 * @param {string} root
 */
function isInstalled(root) {
  return readText(stampFile(root)) === stamp(root);
}

/**
 * Somebody may have run `npm ci` or `npm install` by hand. npm writes its hidden lock file last, so an install
 * that was broken off has none.
 * @param {string} root
 */
function adopt(root) {
  const hidden = readText(join(root, 'node_modules', '.package-lock.json'));
  if (hidden === undefined) return false;
  const wanted = packagesOf(readText(join(root, 'package-lock.json')) ?? '{}');
  const found = packagesOf(hidden);
  const same = Object.entries(wanted).every(([path, entry]) => {
    const there = found[path];
    if (path === '' || (there === undefined && entry.optional)) return true;
    return there?.version === entry.version && there?.integrity === entry.integrity;
  });
  if (same) writeFileSync(stampFile(root), stamp(root));
  return same;
}

/**
 * @param {string} root
 * @param {(message: string) => void} say
 */
function install(root, say) {
  say('installing packages (npm ci)');
  rmSync(stampFile(root), { force: true });
  rmSync(join(root, 'node_modules', '.package-lock.json'), { force: true });
  // No package here needs its install script; Electron fetches its binary when it is first started.
  const run = npm(['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'], root);
  if (run.status !== 0) throw new SetupError(explain(`${run.stderr}\n${run.error?.message ?? ''}`, run.status));
  writeFileSync(stampFile(root), stamp(root));
}

/** @param {string} root */
function requireNode(root) {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return;
  if (existsSync(join(root, 'node_modules', '.bin', 'node'))) return;
  throw new SetupError(
    `Lockstep needs Node.js ${NODE_MAJOR} or newer; this is ${process.versions.node}, and no Node.js comes with the packages` +
      ` for ${process.platform}-${process.arch}. Install Node.js ${NODE_MAJOR} (nodejs.org), then run the command again.`,
  );
}

/**
 * A browser for the end-to-end tests. Without one they are skipped, and the tests say so.
 * @param {(message: string) => void} say
 */
function provideChromium(say) {
  if (findChromium() !== undefined) return;
  const mayInstall = process.platform === 'linux' && process.getuid?.() === 0 && run('apt-get', ['--version']);
  if (mayInstall) {
    say('installing Chromium for the end-to-end tests (apt-get install chromium)');
    const install = ['install', '-y', '-qq', '--no-install-recommends', 'chromium'];
    const done = run('apt-get', install) || (run('apt-get', ['update', '-qq']) && run('apt-get', install));
    if (done && findChromium() !== undefined) return;
  }
  say(
    'no Chromium was found, so the end-to-end tests will be skipped. Install Chrome or Chromium' +
      ' (Debian: apt-get install chromium; elsewhere: npx playwright install chromium), or set LOCKSTEP_CHROMIUM to its path.',
  );
}

/**
 * One set-up at a time in a checkout: `npm ci` empties node_modules under whoever else works in it.
 * @param {string} file
 * @param {(message: string) => void} say
 * @param {() => void} work
 */
async function withLock(file, say, work) {
  mkdirSync(dirname(file), { recursive: true });
  for (let waited = false; !take(file); waited = true) {
    const holder = readText(file);
    if (holder === undefined) continue;
    if (!isAlive(Number(holder))) {
      breakLock(file, holder);
      continue;
    }
    if (!waited) say(`another set-up is at work here (process ${holder}); waiting for it`);
    await sleep(LOCK_POLL_MILLIS);
  }
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    work();
  } finally {
    release();
    process.off('exit', release);
  }
}

/** @param {string} file */
function take(file) {
  // A link appears with its content, or not at all: nobody reads a lock that does not name its holder yet.
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, String(process.pid));
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw new SetupError(
      `${file} cannot be written (${/** @type {Error} */ (error).message}). Check who owns the checkout.`,
    );
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Moves a dead process's lock away. Another waiter may have done so already and taken the lock itself: its lock goes back.
 * @param {string} file
 * @param {string} holder
 */
function breakLock(file, holder) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (readText(aside) === holder) rmSync(aside, { force: true });
  else renameSync(aside, file);
}

/** @param {number} pid */
function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * @param {string} output what npm wrote to stderr
 * @param {number | null} status
 */
function explain(output, status) {
  const line = /npm (?:error|ERR!) (?!code )(.+)/.exec(output)?.[1] ?? output.trim().split('\n')[0] ?? '';
  const mends = /** @type {const} */ ([
    [
      /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN/,
      'the package registry cannot be reached. Check the network and `npm config get registry`',
    ],
    [
      /EUSAGE|in sync/,
      'package-lock.json does not fit package.json. Run `npm install`, look at the difference, commit it',
    ],
    [/ENOSPC/, 'the disk is full. Free some space'],
    [/EACCES|EPERM/, 'node_modules cannot be written. Check who owns the checkout'],
    [/EINTEGRITY/, 'a package is not what package-lock.json names. Run `npm cache verify`'],
    [/ETARGET|E404/, 'the registry lacks a package of package-lock.json. Check `npm config get registry`'],
  ]);
  const mend = mends.find(([sign]) => sign.test(output))?.[1] ?? 'run `npm ci` to see all that npm says';
  return `npm ci failed (${status ?? 'stopped'}): ${line.trim()}; ${mend}, then run the command again.`;
}

/**
 * @param {string[]} args
 * @param {string} cwd
 */
function npm(args, cwd) {
  const script = process.env.npm_execpath;
  /** @type {import('node:child_process').SpawnSyncOptionsWithStringEncoding} */
  const options = { cwd, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 64 * 2 ** 20 };
  if (script && /npm-cli\.c?js$/.test(script)) return spawnSync(process.execPath, [script, ...args], options);
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  return (
    spawnSync(command, args, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status ===
    0
  );
}

/** @param {string} root */
const stampFile = (root) => join(root, 'node_modules', '.lockstep-setup');

/** @param {string} root */
function stamp(root) {
  const lock = readText(join(root, 'package-lock.json'));
  if (lock === undefined) throw new SetupError('package-lock.json is missing. Run the command in a whole checkout.');
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}\n`;
}

/**
 * @param {string} text
 * @returns {Record<string, { version?: string, integrity?: string, optional?: boolean }>}
 */
function packagesOf(text) {
  try {
    return JSON.parse(text).packages ?? {};
  } catch {
    return {};
  }
}

/** @param {string} file */
function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  /** @param {string} message */
  const say = (message) => process.stderr.write(`set-up: ${message}\n`);
  try {
    await setUp(dirname(dirname(fileURLToPath(import.meta.url))), say);
    if (process.argv.includes('--tests')) provideChromium(say);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
