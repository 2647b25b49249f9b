import { EventEmitter } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { rightsOf } from '../support/rights.ts';

const electron = vi.hoisted(() => ({
  backend: 'gnome_libsecret',
  available: true,
  packaged: true,
  home: '',
  opened: [] as string[],
  windows: [] as object[],
  permissions: {} as Record<string, (...args: never[]) => unknown>,
  handlers: new Map<string, (...args: never[]) => unknown>(),
}));

vi.mock('electron', async () => {
  const { EventEmitter: Emitter } = await import('node:events');
  const app = Object.assign(new Emitter(), {
    getPath: (name: string) => (name === 'exe' ? '/opt/Lock step/lockstep' : electron.home),
    getAppPath: () => '/src/lock"step',
  });
  Object.defineProperty(app, 'isPackaged', { get: () => electron.packaged });
  const set = (name: string) => (handler: (...args: never[]) => unknown) => void (electron.permissions[name] = handler);
  return {
    app,
    BrowserWindow: class extends Emitter {
      readonly webContents = Object.assign(new Emitter(), { setZoomFactor: () => undefined });
      constructor(options: object) {
        super();
        electron.windows.push(options);
      }
      static fromWebContents = (): null => null;
      loadURL = (): Promise<void> => Promise.resolve();
    },
    nativeTheme: Object.assign(new Emitter(), { shouldUseDarkColors: true }),
    screen: { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] },
    dialog: { showOpenDialog: () => Promise.resolve({ canceled: false, filePaths: ['/srv/www'] }) },
    ipcMain: { handle: (channel: string, handler: never) => electron.handlers.set(channel, handler) },
    protocol: {},
    session: {
      defaultSession: {
        setPermissionRequestHandler: set('request'),
        setPermissionCheckHandler: set('check'),
        setDevicePermissionHandler: set('device'),
      },
    },
    shell: { openExternal: (url: string) => Promise.resolve(void electron.opened.push(url)) },
    safeStorage: {
      isAsyncEncryptionAvailable: () => Promise.resolve(electron.available),
      getSelectedStorageBackend: () => electron.backend,
      encryptStringAsync: (text: string) => Promise.resolve(Buffer.from(`<${text}>`)),
      decryptStringAsync: (bytes: Buffer) =>
        bytes.toString().startsWith('<')
          ? Promise.resolve({ result: bytes.toString().slice(1, -1), shouldReEncrypt: false })
          : Promise.reject(new Error('not ours')),
    },
  };
});

const { app } = await import('electron');
const { lockDown } = await import('../../electron/main/lock-down.ts');
const { desktopEntry, loginItem } = await import('../../electron/main/login-item.ts');
const { answerSecret } = await import('../../electron/main/secrets.ts');
const { answerShellCalls } = await import('../../electron/main/shell-calls.ts');
const { createUpdates, hasUpdateSource } = await import('../../electron/main/updates.ts');
const { openWindow } = await import('../../electron/main/window.ts');
const { noWindowState } = await import('../../electron/main/window-state.ts');
const { keepValue } = await import('../../electron/main/kept-value.ts');
const { createSecretAsker, systemSecrets } = await import('../../electron/entry/desktop-secrets.ts');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-desktop-'));
  electron.home = folder;
  electron.backend = 'gnome_libsecret';
  electron.available = true;
  electron.packaged = true;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a value in a small file', () => {
  const schema = z.object({ x: z.int() });
  const keep = (report: (message: string) => void = () => undefined) =>
    keepValue({ file: join(folder, 'value.json'), schema, otherwise: { x: 0 }, report, pause: 5 });

  it('is there again, and is written a moment after the last change', async () => {
    const value = await keep();
    value.set({ x: 1 });
    value.set({ x: 2 });
    expect(readdirSync(folder)).toEqual([]);
    await expect.poll(() => readdirSync(folder)).toEqual(['value.json']);
    expect((await keep()).get()).toEqual({ x: 2 });
    expect(await rightsOf(join(folder, 'value.json'), 0o600)).toBe(0o600);
  });

  it('is passed over with a line where it is broken, and written anew', async () => {
    for (const broken of ['{', '[]', '{"x":"1"}', 'x'.repeat(100_000)]) {
      writeFileSync(join(folder, 'value.json'), broken);
      const said: string[] = [];
      const value = await keep((message) => said.push(message));
      expect({ value: value.get(), lines: said.length }).toEqual({ value: { x: 0 }, lines: 1 });
      value.set({ x: 7 });
      await value.flush();
      expect((await keep()).get()).toEqual({ x: 7 });
    }
  });

  it('leaves the app alone where it cannot be written', async () => {
    const said: string[] = [];
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const value = await keepValue({
      file: join(file, 'value.json'),
      schema,
      otherwise: { x: 0 },
      report: (message) => said.push(message),
    });
    value.set({ x: 1 });
    await value.flush();
    expect(said.at(-1)).toContain('cannot be written');
  });
});

describe('start at login', () => {
  it('is an entry of the session on Linux, written whole and taken away again', async () => {
    const item = loginItem('linux', { XDG_CONFIG_HOME: join(folder, 'config') });
    expect(await item.isOn()).toBe(false);
    await item.set(true);
    expect(await item.isOn()).toBe(true);
    const entry = join(folder, 'config', 'autostart', 'lockstep.desktop');
    const text = readFileSync(entry, 'utf8');
    expect(text).toContain('Exec="/opt/Lock step/lockstep" "--hidden"\n');
    expect(readdirSync(join(folder, 'config', 'autostart'))).toEqual(['lockstep.desktop']);
    // Switched off in the desktop's own settings.
    writeFileSync(entry, text.replace('enabled=true', 'enabled=false'));
    expect(await item.isOn()).toBe(false);
    await item.set(true);
    expect(await item.isOn()).toBe(true);
    await item.set(false);
    expect(await item.isOn()).toBe(false);
    await item.set(false);
  });

  it('starts the image of an AppImage, and the app of a checkout', async () => {
    const item = loginItem('linux', { APPIMAGE: '/home/a/Lock%step.AppImage' });
    electron.packaged = false;
    await item.set(true);
    const text = readFileSync(join(folder, '.config', 'autostart', 'lockstep.desktop'), 'utf8');
    expect(text).toContain(String.raw`Exec="/home/a/Lock%%step.AppImage" "/src/lock\\"step" "--hidden"`);
  });

  it('cannot be made to run something else by a name', () => {
    const [, , , , exec] = desktopEntry(['/a`id`$HOME\\b\nExec=evil']).split('\n');
    expect(exec).toBe(String.raw`Exec="/a\\` + '`id' + String.raw`\\` + '`' + String.raw`\\$HOME\\\\b\nExec=evil"`);
  });
});

describe('secrets', () => {
  const ask = (op: 'protection' | 'seal' | 'open', text = '', platform: NodeJS.Platform = 'linux') =>
    answerSecret({ op, text }, platform);
  const secretsOn = (platform: NodeJS.Platform) => {
    const asker = createSecretAsker((question) => {
      void answerSecret(question, platform).then((text) => asker.answered({ type: 'secret', id: question.id, text }));
    });
    return systemSecrets(asker, { open: (sealed) => Promise.resolve(`from the file: ${sealed}`) });
  };

  it('go to the keychain and come back', async () => {
    const secrets = await secretsOn('linux');
    expect(secrets.protection).toBe('system');
    const sealed = await secrets.seal('geheim');
    expect(sealed).toMatch(/^system1\./);
    expect(sealed).not.toContain('geheim');
    expect(await secrets.open(sealed)).toBe('geheim');
    expect(await secrets.open('file1.xyz')).toBe('from the file: file1.xyz');
    await expect(secrets.open('system1.AAAA')).rejects.toMatchObject({ code: 'secret.unreadable' });
  });

  it.each(['basic_text', 'unknown'])('are refused where the session has no keyring (%s)', async (backend) => {
    electron.backend = backend;
    const secrets = await secretsOn('linux');
    expect(secrets.protection).toBe('none');
    await expect(secrets.seal('geheim')).rejects.toMatchObject({ code: 'secret.unprotected' });
    expect(await ask('seal', 'geheim')).toBeNull();
  });

  it('are refused where the system has no encryption at all', async () => {
    electron.available = false;
    expect(await ask('protection', '', 'darwin')).toBe('none');
    expect(await ask('seal', 'x', 'win32')).toBeNull();
  });
});

describe('updates', () => {
  const updater = (version?: string) => ({
    autoDownload: true,
    autoInstallOnAppQuit: true,
    installed: 0,
    checkForUpdates: () =>
      Promise.resolve({ isUpdateAvailable: version !== undefined, updateInfo: { version: version ?? '0.1.0' } }),
    downloadUpdate: () => Promise.resolve([]),
    quitAndInstall() {
      this.installed += 1;
    },
    on: () => undefined,
  });
  const departure = () => {
    const steps: string[] = [];
    return {
      steps,
      leave: () => Promise.resolve(void steps.push('leave')),
      comeBack: () => void steps.push('come back'),
    };
  };

  it('are not even loaded in a build without a source', async () => {
    const load = vi.fn<() => Promise<never>>();
    const updates = createUpdates({ hasSource: false, load, report: () => undefined });
    updates.enable(true);
    await updates.check();
    await updates.download();
    updates.install(departure());
    expect(updates.state()).toEqual({ is: 'no-source' });
    expect(load).not.toHaveBeenCalled();
  });

  it('are not loaded before they are looked for', () => {
    const load = vi.fn<() => Promise<never>>();
    const updates = createUpdates({ hasSource: true, load, report: () => undefined });
    updates.enable(true);
    expect(load).not.toHaveBeenCalled();
    updates.stop();
  });

  it('are fetched and installed by the person alone', async () => {
    const made = updater('0.2.0');
    const updates = createUpdates({ hasSource: true, load: () => Promise.resolve(made), report: () => undefined });
    const { steps, ...way } = departure();
    await updates.download();
    updates.install(way);
    expect(updates.state()).toEqual({ is: 'off' });
    await updates.check();
    expect([made.autoDownload, made.autoInstallOnAppQuit]).toEqual([false, false]);
    expect(updates.state()).toEqual({ is: 'available', version: '0.2.0' });
    await updates.download();
    expect(updates.state()).toEqual({ is: 'ready', version: '0.2.0' });
    expect([made.installed, steps]).toEqual([0, []]);
    updates.install(way);
    // The person presses twice.
    updates.install(way);
    await expect.poll(() => [made.installed, steps]).toEqual([1, ['leave']]);
  });

  it('are not installed before the app has left, and where they cannot be it begins anew', async () => {
    for (const way of ['throws', 'tells'] as const) {
      const heard = new EventEmitter();
      const { steps, comeBack } = departure();
      const made = {
        ...updater('0.2.0'),
        on: (name: string, listener: (error: Error) => void) => heard.on(name, listener),
        quitAndInstall: () => {
          steps.push('install');
          if (way === 'throws') throw new Error('no rights');
          setImmediate(() => heard.emit('error', new Error('no rights')));
        },
      };
      const said: string[] = [];
      const updates = createUpdates({
        hasSource: true,
        load: () => Promise.resolve(made),
        report: (message) => said.push(message),
      });
      await updates.check();
      await updates.download();
      let gone = (): void => undefined;
      const left = new Promise<void>((resolve) => {
        gone = resolve;
      });
      updates.install({ leave: () => left, comeBack });
      await new Promise((resolve) => setImmediate(resolve));
      expect(steps).toEqual([]);
      gone();
      await expect.poll(() => steps).toEqual(['install', 'come back']);
      expect([updates.state(), said]).toEqual([{ is: 'failed' }, ['installing the update failed: no rights']]);
    }
  });

  it('have no source on Linux, whatever lies beside the app: nothing of them is signed there', () => {
    writeFileSync(join(folder, 'app-update.yml'), 'provider: generic');
    const before = process.resourcesPath;
    Object.assign(process, { resourcesPath: folder });
    expect((['linux', 'win32', 'darwin'] as const).map(hasUpdateSource)).toEqual([false, true, true]);
    Object.assign(process, { resourcesPath: before });
  });

  it('say that a source does not answer', async () => {
    const said: string[] = [];
    const load = () => Promise.reject(new Error('no network'));
    const updates = createUpdates({ hasSource: true, load, report: (message) => said.push(message) });
    await updates.check();
    expect(updates.state()).toEqual({ is: 'failed' });
    expect(said.join()).toContain('no network');
  });
});

it('a window is sandboxed and isolated, has no guests, and looks into pages in a checkout only', () => {
  const state = { get: () => noWindowState, set: () => undefined, flush: () => Promise.resolve() };
  for (const packaged of [true, false]) {
    electron.packaged = packaged;
    openWindow('/preload.cjs', state);
    expect(electron.windows.at(-1)).toMatchObject({
      minWidth: 900,
      minHeight: 600,
      show: false,
      backgroundColor: '#151819',
      webPreferences: {
        preload: '/preload.cjs',
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webviewTag: false,
        devTools: !packaged,
      },
    });
  }
});

describe('pages are locked down', () => {
  const contents = () => {
    const made = Object.assign(new EventEmitter(), {
      setWindowOpenHandler: (handler: (details: { url: string }) => object) => void (made.open = handler),
      open: (_details: { url: string }): object => ({}),
    });
    app.emit('web-contents-created', {}, made);
    return made;
  };
  const prevented = (made: EventEmitter, name: string, event: object): boolean => {
    const asked = { ...event, defaultPrevented: false, preventDefault: () => void (asked.defaultPrevented = true) };
    made.emit(name, asked);
    return asked.defaultPrevented;
  };

  it('neither leave the app, nor hold frames or guests', () => {
    lockDown();
    const page = contents();
    for (const url of [
      'https://example.org/',
      'file:///etc/passwd',
      'app://lockstep.evil/',
      'app://other/',
      'javascript:1',
    ]) {
      expect(prevented(page, 'will-navigate', { url })).toBe(true);
      expect(prevented(page, 'will-redirect', { url })).toBe(true);
    }
    expect(prevented(page, 'will-navigate', { url: 'app://lockstep/' })).toBe(false);
    expect(prevented(page, 'will-frame-navigate', { url: 'app://lockstep/', isMainFrame: false })).toBe(true);
    expect(prevented(page, 'will-attach-webview', {})).toBe(true);
  });

  it('open no windows, and only allow-listed addresses elsewhere', () => {
    const page = contents();
    for (const url of [
      'https://example.org/',
      'file:///etc/passwd',
      'https://github.com.evil.example/',
      'smb://x/y',
      'x',
    ])
      expect(page.open({ url })).toEqual({ action: 'deny' });
    expect(electron.opened).toEqual([]);
    expect(page.open({ url: 'https://github.com/a/b' })).toEqual({ action: 'deny' });
    expect(electron.opened).toEqual(['https://github.com/a/b']);
  });

  it('get no permission but to copy', () => {
    const granted: boolean[] = [];
    const { request, check, device } = electron.permissions;
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'clipboard-sanitized-write',
      'openExternal',
      'fileSystem',
    ]) {
      request?.(null as never, permission as never, ((is: boolean) => granted.push(is)) as never);
      granted.push(check?.(null as never, permission as never) as boolean);
    }
    expect(granted).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
      false,
      false,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(device?.()).toBe(false);
  });
});

describe('calls of the interface', () => {
  const frame = (url: string, parent: object | null = null) => ({ senderFrame: { url, parent } });
  const ours = frame('app://lockstep/');
  const said: unknown[] = [];
  const facts = { platform: 'linux' } as never;
  answerShellCalls({
    'shell.choose-folder': () => Promise.resolve({ path: null }),
    'shell.appear': (params) => Promise.resolve((said.push(params), {})),
    'shell.facts': () => Promise.resolve(facts),
    'shell.set': (params) => Promise.resolve((said.push(params), facts)),
    'shell.update': () => Promise.resolve(facts),
  });
  const call = (event: object, message: unknown) =>
    electron.handlers.get('shell.call')?.(event as never, message as never) as Promise<{ ok: boolean }>;

  it('are answered to the top frame of the app’s own pages only', async () => {
    const message = { name: 'shell.facts', params: {} };
    const strangers = [
      { senderFrame: null },
      frame('https://example.org/'),
      frame('app://lockstep.evil/'),
      frame('app://lockstep/', {}),
      frame(''),
    ];
    for (const stranger of strangers) expect(await call(stranger, message)).toMatchObject({ ok: false });
    expect(await call(ours, message)).toMatchObject({ ok: true });
  });

  it('are parsed, each of them', async () => {
    const malformed = [
      undefined,
      'x',
      { name: 'shell.set' },
      { name: 'shell.set', params: { whenClosed: 'explode' } },
      { name: 'shell.set', params: { staysTold: true } },
      { name: 'shell.appear', params: { locale: 'xx', theme: 'dark' } },
      { name: 'shell.appear', params: { locale: 'en', theme: 'dark' }, more: 1 },
      { name: 'shell.update', params: { do: 'downgrade' } },
      { name: '__proto__', params: {} },
      { name: 'toString', params: {} },
    ];
    for (const message of malformed) expect(await call(ours, message)).toMatchObject({ ok: false });
    expect(said).toEqual([]);
    expect(await call(ours, { name: 'shell.appear', params: { locale: 'ja', theme: 'dark' } })).toEqual({
      ok: true,
      value: {},
    });
    expect(said).toEqual([{ locale: 'ja', theme: 'dark' }]);
  });
});
