import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { installedElectron, whyElectronCannotRun } from './electron-binary.ts';
import { root } from './run.ts';

/** `npm run demo`: with the app's window on its master where Electron is here, else with addresses for a browser. */
const electron = whyElectronCannotRun() === undefined ? installedElectron() : undefined;
const app = electron === undefined ? [] : ['--app', electron];
const demo = join(root, 'electron', 'entry', 'demo.ts');
const child = spawn(process.execPath, [demo, ...app, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
// Ctrl-C reaches the demo by itself; this process waits until it has cleaned up.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
