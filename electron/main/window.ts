import { BrowserWindow, nativeTheme } from 'electron';
import { origin } from './app-protocol.ts';

const SIZE = { width: 1120, height: 760, minWidth: 900, minHeight: 600 };
/** The page's own background, so that the window does not flash before the page is there. */
const BACKGROUND = { light: '#f6f7f7', dark: '#16191a' };

export function openWindow(preload: string): BrowserWindow {
  const window = new BrowserWindow({
    ...SIZE,
    show: false,
    title: 'Lockstep',
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  void window.loadURL(`${origin}/`);
  return window;
}
