import { EventEmitter } from 'node:events';
import { browser, event, note, noted, strict } from '../runtime.ts';
import { announce, WebContents, type WebPreferences } from '../web-contents.ts';
import { app, isQuitting, windows } from './app.ts';

interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Options extends Partial<Rectangle> {
  readonly show?: boolean;
  readonly title?: string;
  readonly webPreferences?: WebPreferences;
}

const all = new Set<BrowserWindow>();
let focusedId: number | undefined;

export class BrowserWindow extends EventEmitter {
  readonly id: number;
  readonly webContents: WebContents;
  #visible: boolean;
  #minimized = false;
  #maximized = false;
  #title: string;
  readonly #bounds: Rectangle;

  constructor({ show = true, title, x = 0, y = 0, width = 800, height = 600, webPreferences = {} }: Options = {}) {
    super();
    if (!app.isReady()) throw new Error('Cannot create BrowserWindow before app is ready');
    this.#visible = show;
    this.#title = title ?? app.getName();
    this.#bounds = { x, y, width, height };
    this.webContents = new WebContents(webPreferences, { width, height });
    this.id = this.webContents.id;
    this.webContents.once('painted', () => this.emit('ready-to-show', event()));
    this.webContents.on('close-requested', () => this.close());
    all.add(this);
    windows.add(this);
    if (show) focusedId = this.id;
    announce(this.webContents);
    app.emit('browser-window-created', event(), this);
  }

  static getAllWindows(): BrowserWindow[] {
    return [...all];
  }

  static getFocusedWindow(): BrowserWindow | null {
    return BrowserWindow.fromId(focusedId ?? 0);
  }

  static fromWebContents(contents: WebContents): BrowserWindow | null {
    return [...all].find((window) => window.webContents === contents) ?? null;
  }

  static fromId(id: number): BrowserWindow | null {
    return [...all].find((window) => window.id === id) ?? null;
  }

  loadURL(url: string): Promise<void> {
    return this.webContents.loadURL(url);
  }

  reload(): void {
    this.webContents.reload();
  }

  show(): void {
    this.#visible = true;
    this.emit('show', event());
    this.focus();
  }

  hide(): void {
    this.#visible = false;
    this.emit('hide', event());
  }

  isVisible(): boolean {
    return this.#visible;
  }

  focus(): void {
    if (focusedId === this.id) return;
    BrowserWindow.getFocusedWindow()?.emit('blur', event());
    focusedId = this.id;
    this.emit('focus', event());
  }

  isFocused(): boolean {
    return focusedId === this.id;
  }

  minimize(): void {
    this.#minimized = true;
    this.emit('minimize', event());
  }

  restore(): void {
    this.#minimized = false;
    this.emit('restore', event());
  }

  isMinimized(): boolean {
    return this.#minimized;
  }

  maximize(): void {
    this.#maximized = true;
    this.emit('maximize', event());
  }

  unmaximize(): void {
    this.#maximized = false;
    this.emit('unmaximize', event());
  }

  isFullScreen(): boolean {
    return false;
  }

  isMaximized(): boolean {
    return this.#maximized;
  }

  getBounds(): Rectangle {
    return { ...this.#bounds };
  }

  getNormalBounds(): Rectangle {
    return this.getBounds();
  }

  setBounds(bounds: Partial<Rectangle>): void {
    Object.assign(this.#bounds, bounds);
    // A window may be closed before Chromium has moved it; then there is nothing left to move.
    this.#applyBounds().catch((error: unknown) => {
      if (!this.isDestroyed()) throw error;
    });
    this.emit('resize', event());
    this.emit('move', event());
  }

  setTitle(title: string): void {
    this.#title = title;
  }

  getTitle(): string {
    return this.#title;
  }

  isDestroyed(): boolean {
    return !all.has(this);
  }

  close(): void {
    void this.tryClose();
  }

  async tryClose(): Promise<boolean> {
    if (this.isDestroyed()) return true;
    const closing = event();
    this.emit('close', closing);
    if (closing.defaultPrevented) return false;
    await this.destroy();
    return true;
  }

  async destroy(): Promise<void> {
    if (this.isDestroyed()) return;
    const { targetId } = this.webContents;
    this.gone();
    await browser()
      .send('Target.closeTarget', { targetId })
      .catch(() => undefined);
  }

  gone(): void {
    if (!all.delete(this)) return;
    windows.delete(this);
    if (focusedId === this.id) focusedId = undefined;
    this.webContents.destroyed();
    this.emit('closed');
    if (all.size === 0 && !isQuitting() && !app.emit('window-all-closed')) app.quit();
  }

  async #applyBounds(): Promise<void> {
    await this.webContents.opened;
    const { x: left, y: top, width, height } = this.#bounds;
    const { windowId } = await browser().send('Browser.getWindowForTarget', { targetId: this.webContents.targetId });
    await browser().send('Browser.setWindowBounds', { windowId, bounds: { left, top, width, height } });
  }
}

Object.assign(
  BrowserWindow.prototype,
  noted('window', 'setProgressBar', 'flashFrame', 'setMenuBarVisibility', 'removeMenu', 'setBackgroundColor'),
);

export const webContents = strict('webContents', {
  getAllWebContents: () => [...all].map((window) => window.webContents),
  fromId: (id: number) => BrowserWindow.fromId(id)?.webContents,
  fromDevToolsTargetId: (id: string) => [...all].find((window) => window.webContents.targetId === id)?.webContents,
  getFocusedWebContents: () => BrowserWindow.getFocusedWindow()?.webContents ?? null,
});

/** Follows the browser: a window whose page is gone is gone, and a page that a page opened may have to go. */
export function followTargets(): void {
  const ofTarget = (id: string): BrowserWindow | undefined =>
    [...all].find((window) => window.webContents.targetId === id);
  browser().on('Target.targetDestroyed', ({ targetId }: { targetId: string }) => ofTarget(targetId)?.gone());
  browser().on(
    'Target.targetCreated',
    ({ targetInfo }: { targetInfo: { targetId: string; url: string; openerId?: string } }) => {
      if (targetInfo.openerId === undefined) return;
      note('browser.targetCreated', targetInfo.url);
      ofTarget(targetInfo.openerId)?.webContents.openedChild(targetInfo.targetId, targetInfo.url);
    },
  );
}
