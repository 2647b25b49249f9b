import { join } from 'node:path';
import { app, BrowserWindow, ipcMain } from 'electron';
import { channels } from '../../shared/contract/preload-api.ts';
import { registerAppScheme, serveApp } from './app-protocol.ts';
import { type EngineSupervisor, superviseEngine } from './engine-supervisor.ts';
import { lockDown } from './lock-down.ts';
import { answerShellCalls, isTrusted } from './shell-calls.ts';
import { openWindow } from './window.ts';

export interface AppFiles {
  /** The engine process's script. */
  readonly engine: string;
  readonly preload: string;
  /** The folder of the built interface. */
  readonly renderer: string;
}

/** Runs the desktop app until the person quits it. A second start only shows the window of the first. */
export function runApp(files: AppFiles): void {
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  // The data folder is the engine's; what Chromium keeps for itself goes into a folder below it.
  app.setPath('sessionData', join(app.getPath('userData'), 'browser'));
  registerAppScheme();
  app.enableSandbox();
  app.on('second-instance', () => showWindow(files));
  app.on('window-all-closed', () => app.quit());
  void start(files);
}

async function start(files: AppFiles): Promise<void> {
  await app.whenReady();
  lockDown();
  serveApp(files.renderer);
  answerShellCalls();
  const engine = superviseEngine({
    script: files.engine,
    dataDir: app.getPath('userData'),
    report: (message) => console.error(message),
  });
  ipcMain.on(channels.hello, (event) => {
    if (isTrusted(event)) engine.connect(event.sender);
  });
  stopBeforeQuit(engine);
  app.on('activate', () => showWindow(files));
  engine.start();
  showWindow(files);
}

/** Quitting waits for the engine: it ends its writes and leaves its database closed. */
function stopBeforeQuit(engine: EngineSupervisor): void {
  let stopped = false;
  app.on('will-quit', (event) => {
    if (stopped) return;
    event.preventDefault();
    void engine.stop().finally(() => {
      stopped = true;
      app.quit();
    });
  });
}

function showWindow(files: AppFiles): void {
  const window = BrowserWindow.getAllWindows()[0] ?? openWindow(files.preload);
  if (window.isMinimized()) window.restore();
  if (window.isVisible()) window.focus();
}
