import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { ensureBuilt } from './built.ts';
import { installedElectron, whyElectronCannotRun } from './electron-binary.ts';
import { packageScript, root, run } from './run.ts';

/**
 * `npm start`: the desktop app. Where Electron cannot run, the same interface in the browser. What follows `--` is passed
 * to the app: `npm start -- --user-data-dir=/tmp/another`.
 */
const FETCH_MILLIS = 5 * 60_000;
const cli = join(root, 'electron', 'entry', 'cli.ts');

if (await ensureBuilt()) {
  const electron = await findElectron();
  process.exitCode = 'path' in electron ? await startApp(electron.path) : await startConsole(electron.because);
} else {
  process.exitCode = 1;
}

async function findElectron(): Promise<{ path: string } | { because: string }> {
  const because = whyElectronCannotRun();
  if (because !== undefined) return { because };
  const installed = installedElectron();
  if (installed !== undefined) return { path: installed };
  console.log('Fetching the Electron binary, once …');
  const { code, output } = await run(
    process.execPath,
    [packageScript('electron/install.js')],
    'capture',
    {},
    FETCH_MILLIS,
  );
  const fetched = installedElectron();
  if (code === 0 && fetched !== undefined) return { path: fetched };
  const reason = /(?:Error|ERR_\w+|E[A-Z]{4,})[^\n]*/.exec(output)?.[0] ?? 'it took too long';
  return { because: `the Electron binary is not here and cannot be fetched (${reason})` };
}

function startApp(electron: string): Promise<number> {
  const child = spawn(electron, [root, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  return ended(child);
}

/** The engine without a screen, as `lockstep run`; the first time as a master that only this machine can reach. */
async function startConsole(because: string): Promise<number> {
  console.log(`The desktop app cannot start: ${because}. The console in the browser stands in for it.`);
  if (await openConsole('It runs already.')) return 0;
  // Refused where there is an install already; that is the one to run.
  const local = ['--ftp', '127.0.0.1:0', '--link', '127.0.0.1:0'];
  const made = await run(process.execPath, [cli, 'init', '--role', 'master', ...local], 'capture');
  // Its second line says what to type next; here the interface leads on.
  if (made.code === 0) console.log(made.output.trim().split('\n')[0]);
  const child = spawn(process.execPath, [cli, 'run'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const done = ended(child);
  const lines = createInterface(child.stdout);
  lines.once('line', (line) => {
    console.log(line);
    void openConsole('Ctrl-C stops it.');
  });
  return done;
}

/** False where nothing runs. */
async function openConsole(how: string): Promise<boolean> {
  const { code, output } = await run(process.execPath, [cli, 'console'], 'capture');
  if (code !== 0) return false;
  const url = output.trim();
  console.log(`Open ${url}\nThe browser warns once: the certificate is this install's own. ${how}`);
  const opener = { darwin: 'open', win32: 'explorer', linux: 'xdg-open' }[process.platform as string];
  if (opener === undefined || (process.platform === 'linux' && !process.env['DISPLAY'])) return true;
  // Where nothing opens addresses, the line above says what to open.
  spawn(opener, [url], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
  return true;
}

/** Ctrl-C reaches the child by itself; this process waits for it to stop cleanly. */
function ended(child: ReturnType<typeof spawn>): Promise<number> {
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
