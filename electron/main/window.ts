import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import { origin } from './app-protocol.ts';
import type { KeptValue } from './kept-value.ts';
import { nextAttempt, noAttempts } from './restart-policy.ts';
import { placeWindow, WINDOW_MIN, type WindowState } from './window-state.ts';
import { nextZoom, type ZoomChange } from './zoom.ts';

/** The page's own background, so that the window does not flash before the page is there. */
const BACKGROUND = { light: '#f5f6f6', dark: '#151819' };

/** Opens the window as it was when it was last seen. Its state is kept from then on. */
export function openWindow(preload: string, state: KeptValue<WindowState>): BrowserWindow {
  const { maximised } = state.get();
  const window = new BrowserWindow({
    ...placeWindow(
      state.get(),
      screen.getAllDisplays().map(({ workArea }) => workArea),
    ),
    minWidth: WINDOW_MIN.width,
    minHeight: WINDOW_MIN.height,
    show: false,
    title: 'Lockstep',
    backgroundColor: background(),
    // The menu opens with Alt; its keys work all the time.
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  });
  window.once('ready-to-show', () => {
    if (maximised) window.maximize();
    window.show();
  });
  const { webContents } = window;
  // A page's magnification is set anew with each document.
  webContents.on('did-finish-load', () => webContents.setZoomFactor(state.get().zoom));
  webContents.on('zoom-changed', (_event, direction) => zoomWindow(window, state, direction));
  keepState(window, state);
  loadAgainWhenGone(window);
  const recolour = (): void => window.setBackgroundColor(background());
  nativeTheme.on('updated', recolour);
  window.once('closed', () => nativeTheme.off('updated', recolour));
  void window.loadURL(`${origin}/`);
  return window;
}

export function zoomWindow(window: BrowserWindow, state: KeptValue<WindowState>, change: ZoomChange): void {
  const zoom = nextZoom(state.get().zoom, change);
  state.set({ ...state.get(), zoom });
  window.webContents.setZoomFactor(zoom);
}

/** A page whose process has ended leaves the window blank: it is loaded again, later each time where it ends again and again. */
function loadAgainWhenGone(window: BrowserWindow): void {
  let attempts = noAttempts;
  let loadedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    attempts = nextAttempt(attempts, performance.now() - loadedAt);
    clearTimeout(timer);
    timer = setTimeout(() => {
      loadedAt = performance.now();
      window.webContents.reload();
    }, attempts.delay);
  });
  window.once('closed', () => clearTimeout(timer));
}

function keepState(window: BrowserWindow, state: KeptValue<WindowState>): void {
  const keep = (): void => {
    if (window.isMinimized() || window.isFullScreen()) return;
    // Of a maximised window: where it goes back to.
    state.set({ ...state.get(), bounds: window.getNormalBounds(), maximised: window.isMaximized() });
  };
  window.on('resize', keep);
  window.on('move', keep);
  window.on('maximize', keep);
  window.on('unmaximize', keep);
}

function background(): string {
  return nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light;
}
