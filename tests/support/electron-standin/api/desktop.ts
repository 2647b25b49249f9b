import { EventEmitter } from 'node:events';
import { note, runtime, strict } from '../runtime.ts';
import { app } from './app.ts';
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
  readonly type?: string;
  readonly accelerator?: string;
  readonly enabled?: boolean;
  readonly visible?: boolean;
  readonly submenu?: readonly Item[];
  readonly click?: (item: MenuItem, window: BrowserWindow | undefined, event: object) => void;
}

export class MenuItem {
  readonly id: string | undefined;
  readonly label: string;
  readonly role: string | undefined;
  readonly type: string;
  readonly accelerator: string | undefined;
  readonly submenu: Menu | undefined;
  enabled: boolean;
  visible: boolean;
  readonly #item: Item;

  constructor(item: Item) {
    this.#item = item;
    this.id = item.id;
    this.role = item.role;
    this.label = item.label ?? item.role ?? '';
    this.accelerator = item.accelerator;
    this.enabled = item.enabled ?? true;
    this.visible = item.visible ?? true;
    this.submenu = item.submenu === undefined ? undefined : Menu.buildFromTemplate(item.submenu);
    this.type = item.type ?? (this.submenu === undefined ? 'normal' : 'submenu');
  }

  click(): void {
    if (this.enabled) this.#item.click?.(this, BrowserWindow.getFocusedWindow() ?? undefined, {});
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

/** Its picture is what was given; whether it would be seen is the system's business, not modelled here. */
export class NativeImage {
  readonly representations: object[] = [];
  #template = false;

  addRepresentation(representation: object): void {
    this.representations.push(representation);
  }

  isEmpty(): boolean {
    return this.representations.length === 0;
  }

  setTemplateImage(template: boolean): void {
    this.#template = template;
  }

  isTemplateImage(): boolean {
    return this.#template;
  }
}

export const nativeImage = strict('nativeImage', { createEmpty: (): NativeImage => new NativeImage() });

export class Tray extends EventEmitter {
  #image: unknown;
  #toolTip = '';
  #menu: Menu | null = null;
  #destroyed = false;

  constructor(image: unknown) {
    super();
    if (image === undefined) throw new TypeError('Tray: an image is missing');
    this.#image = image;
    note('tray', this);
  }

  setToolTip(text: string): void {
    this.#toolTip = text;
    note('tray.setToolTip', text);
  }

  setContextMenu(menu: Menu | null): void {
    this.#menu = menu;
    note('tray.setContextMenu');
  }

  setImage(image: unknown): void {
    this.#image = image;
    note('tray.setImage');
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  destroy(): void {
    this.#destroyed = true;
    note('tray.destroy');
  }

  /** Only here: what it shows. */
  get shown(): { image: unknown; toolTip: string; menu: Menu | null } {
    return { image: this.#image, toolTip: this.#toolTip, menu: this.#menu };
  }
}

export class Notification extends EventEmitter {
  readonly title: string;
  readonly body: string;
  readonly options: object;

  constructor(options: { title?: string; body?: string } = {}) {
    super();
    this.title = options.title ?? '';
    this.body = options.body ?? '';
    this.options = options;
  }

  static isSupported(): boolean {
    return true;
  }

  show(): void {
    note('notification', this.options);
    this.emit('show');
  }

  close(): void {
    this.emit('close');
  }
}

/** A toy: it hides nothing. It says of the system that it has a keyring, but with `--password-store=basic`. */
const PREFIX = 'standin:';
export const safeStorage = strict('safeStorage', {
  isAsyncEncryptionAvailable: () => Promise.resolve(app.isReady()),
  getSelectedStorageBackend() {
    if (!app.isReady()) return 'unknown';
    return runtime.switches.get('password-store') === 'basic' ? 'basic_text' : 'gnome_libsecret';
  },
  encryptStringAsync: (text: string) => Promise.resolve(Buffer.from(PREFIX + Buffer.from(text).toString('base64'))),
  decryptStringAsync(bytes: Buffer): Promise<{ result: string; shouldReEncrypt: boolean }> {
    const text = bytes.toString();
    if (!text.startsWith(PREFIX)) return Promise.reject(new Error('Error while decrypting the ciphertext'));
    return Promise.resolve({
      result: Buffer.from(text.slice(PREFIX.length), 'base64').toString(),
      shouldReEncrypt: false,
    });
  },
});

let clip = '';
export const clipboard = strict('clipboard', {
  writeText(text: string) {
    clip = text;
    return Promise.resolve();
  },
  readText: () => Promise.resolve(clip),
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
