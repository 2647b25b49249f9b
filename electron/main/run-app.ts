import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { app, ipcMain, nativeTheme } from 'electron';
import { z } from 'zod';
import { channels } from '../../shared/contract/preload-api.ts';
import { APP_ID } from './app-id.ts';
import { registerAppScheme, serveApp } from './app-protocol.ts';
import { readArguments } from './arguments.ts';
import { DesktopApp } from './desktop-app.ts';
import { defaultSettings, desktopSettings } from './desktop-settings.ts';
import { keepValue } from './kept-value.ts';
import { externalAddress, lockDown } from './lock-down.ts';
import { loginItem, wasStartedAtLogin } from './login-item.ts';
import { codeOfLink, LINK_SCHEME } from './pairing-link.ts';
import { answerShellCalls, isTrusted } from './shell-calls.ts';
import { canShowTray } from './tray-support.ts';
import { createUpdates, hasUpdateSource, loadUpdater } from './updates.ts';
import { noWindowState, windowState } from './window-state.ts';
import type { AppFiles } from './app-files.ts';

/** Runs the desktop app until the person quits it. A second start only shows the window of the first. */
export function runApp(files: AppFiles): void {
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  if (process.platform === 'win32') app.setAppUserModelId(APP_ID);
  // The data folder is the engine's; what Chromium keeps for itself goes into a folder below it.
  app.setPath('sessionData', join(app.getPath('userData'), 'browser'));
  registerAppScheme();
  app.enableSandbox();
  // A listener at all keeps the app alive without a window; what closing does is decided when a window closes.
  app.on('window-all-closed', () => undefined);
  let desktop: DesktopApp | undefined;
  const { hidden, code } = readArguments(process.argv);
  let asked = !hidden;
  /** Of a link that was opened before there was an app to show it. */
  let offered = code;
  const offer = (found: string): void => {
    asked = true;
    if (desktop) desktop.go(['join', found]);
    else offered = found;
  };
  app.on('second-instance', (_event, argv) => {
    const again = readArguments(argv);
    if (again.code !== undefined) offer(again.code);
    else if (!again.hidden) {
      asked = true;
      desktop?.showWindow();
    }
  });
  // macOS hands links over so, the first one before the app is ready.
  app.on('open-url', (event, link) => {
    event.preventDefault();
    const found = codeOfLink(link);
    if (found !== undefined) offer(found);
  });
  // On Linux the package says so, in its desktop file.
  if (app.isPackaged && process.platform !== 'linux') app.setAsDefaultProtocolClient(LINK_SCHEME);
  void start(files).then((started) => {
    desktop = started;
    if (offered !== undefined) started.go(['join', offered]);
    if (asked && !wasStartedAtLogin(process.platform)) started.showWindow();
  });
}

async function start(files: AppFiles): Promise<DesktopApp> {
  const report = (message: string): void => console.error(message);
  const dataDir = app.getPath('userData');
  const [settings, window, hasTray] = await Promise.all([
    keepValue({ file: join(dataDir, 'desktop.json'), schema: desktopSettings, otherwise: defaultSettings, report }),
    keepValue({ file: join(dataDir, 'window.json'), schema: windowState, otherwise: noWindowState, report }),
    canShowTray(process.platform),
    app.whenReady(),
  ]);
  nativeTheme.themeSource = settings.get().theme;
  lockDown();
  serveApp(files.renderer);
  const desktop = new DesktopApp({
    files,
    dataDir,
    settings,
    window,
    hasTray,
    platform: process.platform,
    docs: docsAddress(),
    updates: createUpdates({ hasSource: hasUpdateSource(process.platform), load: loadUpdater, report }),
    login: loginItem(process.platform, process.env),
    report,
  });
  answerShellCalls(desktop.shellHandlers());
  ipcMain.on(channels.hello, (event) => {
    if (isTrusted(event)) desktop.connect(event.sender);
  });
  app.on('activate', () => desktop.showWindow());
  desktop.start();
  return desktop;
}

/** The home page that this build names, where the documents are. */
function docsAddress(): string | undefined {
  const manifest = z.object({ homepage: z.string().optional().catch(undefined) });
  const text = readFileSync(join(app.getAppPath(), 'package.json'), 'utf8');
  const { homepage } = manifest.parse(JSON.parse(text));
  return homepage === undefined ? undefined : externalAddress(homepage);
}
