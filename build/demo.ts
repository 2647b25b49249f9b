import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt } from './built.ts';
import { installedElectron, whyElectronCannotRun } from './electron-binary.ts';
import { root } from './run.ts';

const LOOK_MILLIS = 500;

/** `npm run demo`: with the app's window on its master where Electron is here, else with addresses for a browser. */
if (await ensureBuilt()) start();
else process.exitCode = 1;

function start(): void {
  const electron = whyElectronCannotRun() === undefined ? installedElectron() : undefined;
  const app = electron === undefined ? [] : ['--app', electron];
  const demo = join(root, 'electron', 'entry', 'demo.ts');
  const child = spawn(process.execPath, [demo, ...app, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  const end = (): void => void child.kill('SIGTERM');
  // Ctrl-C reaches the demo by itself; this process waits until it has cleaned up.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', end);
  // npm hands a signal to its shell, which ends without a word to what it has started.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) end();
  }, LOOK_MILLIS);
  child.once('exit', (code) => {
    clearInterval(watch);
    process.exitCode = code ?? 1;
  });
}
