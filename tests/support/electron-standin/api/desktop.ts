import { EventEmitter } from 'node:events';
import { note, runtime, strict } from '../runtime.ts';
import { BrowserWindow } from './browser-window.ts';

/** Parts of the desktop that have no effect here: what the app did is noted, and tests replace the answers. */
const ask =
  <T>(name: string, answer: T) =>
  (...args: unknown[]): Promise<T> => {
    note(`dialog.${name}`, ...args.filter((argument) => !(argument instanceof BrowserWindow)));
    return Promise.resolve(answer);
  };

export const dialog = {
  showOpenDialog: ask('showOpenDialog', { canceled: true, filePaths: [] }),
  showSaveDialog: ask('showSaveDialog', { canceled: true, filePath: '' }),
  showMessageBox: ask('showMessageBox', { response: 0, checkboxChecked: false }),
  showErrorBox: (title: string, text: string) => note('dialog.showErrorBox', title, text),
};

export const shell = {
  openExternal: (url: string) => Promise.resolve(note('shell.openExternal', url)),
  openPath: (path: string) => Promise.resolve(note('shell.openPath', path)),
  showItemInFolder: (path: string) => note('shell.showItemInFolder', path),
};

export class NativeTheme extends EventEmitter {
  #source = 'system';

  get themeSource(): string {
    return this.#source;
  }

  set themeSource(source: string) {
    this.#source = source;
    const features = source === 'system' ? [] : [{ name: 'prefers-color-scheme', value: source }];
    for (const { webContents } of BrowserWindow.getAllWindows()) {
      void webContents.opened.then(() => webContents.cdp.send('Emulation.setEmulatedMedia', { features }));
    }
    this.emit('updated');
  }

  get shouldUseDarkColors(): boolean {
    return this.#source === 'dark';
  }
}

export const nativeTheme: NativeTheme = strict('nativeTheme', new NativeTheme());

interface Item {
  readonly id?: string;
  readonly label?: string;
  readonly role?: string;
  readonly submenu?: readonly Item[];
  readonly click?: (item: MenuItem, window: BrowserWindow | undefined, event: object) => void;
}

export class MenuItem {
  readonly id: string | undefined;
  readonly label: string;
  readonly submenu: Menu | undefined;
  readonly #item: Item;

  constructor(item: Item) {
    this.#item = item;
    this.id = item.id;
    this.label = item.label ?? item.role ?? '';
    this.submenu = item.submenu === undefined ? undefined : Menu.buildFromTemplate(item.submenu);
  }

  click(): void {
    this.#item.click?.(this, BrowserWindow.getFocusedWindow() ?? undefined, {});
  }
}

let applicationMenu: Menu | null = null;

export class Menu extends EventEmitter {
  readonly items: MenuItem[] = [];

  static buildFromTemplate(template: readonly Item[]): Menu {
    const menu = new Menu();
    for (const item of template) menu.items.push(new MenuItem(item));
    return menu;
  }

  static setApplicationMenu(menu: Menu | null): void {
    applicationMenu = menu;
  }

  static getApplicationMenu(): Menu | null {
    return applicationMenu;
  }

  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id);
      if (found) return found;
    }
    return null;
  }
}

export class Tray extends EventEmitter {
  toolTip = '';
  menu: Menu | null = null;

  setToolTip(text: string): void {
    this.toolTip = text;
  }

  setContextMenu(menu: Menu | null): void {
    this.menu = menu;
  }

  setImage(): void {
    note('tray.setImage');
  }

  destroy(): void {
    note('tray.destroy');
  }
}

export class Notification extends EventEmitter {
  readonly options: object;

  constructor(options: object = {}) {
    super();
    this.options = options;
  }

  static isSupported(): boolean {
    return true;
  }

  show(): void {
    note('notification', this.options);
  }

  close(): void {
    this.emit('close');
  }
}

/** A toy: it hides nothing. */
const PREFIX = 'standin:';
export const safeStorage = strict('safeStorage', {
  isEncryptionAvailable: () => true,
  getSelectedStorageBackend: () => 'gnome_libsecret',
  encryptString: (text: string) => Buffer.from(PREFIX + Buffer.from(text).toString('base64')),
  decryptString(bytes: Buffer): string {
    const text = bytes.toString();
    if (!text.startsWith(PREFIX)) throw new Error('Error while decrypting the ciphertext');
    return Buffer.from(text.slice(PREFIX.length), 'base64').toString();
  },
});

let clip = '';
export const clipboard = strict('clipboard', {
  writeText(text: string) {
    clip = text;
  },
  readText: () => clip,
});

const display = { id: 1, bounds: { x: 0, y: 0, width: 1920, height: 1080 }, scaleFactor: 1 };
export const screen = strict(
  'screen',
  Object.assign(new EventEmitter(), {
    getPrimaryDisplay: () => ({ ...display, workArea: display.bounds }),
    getAllDisplays: () => [{ ...display, workArea: display.bounds }],
  }),
);

export const standin = runtime;
