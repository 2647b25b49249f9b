import { EventEmitter } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect, type Server } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { event, note, noted, runtime, strict } from '../runtime.ts';

interface Closable {
  tryClose(): Promise<boolean>;
}

let ready = false;
let quitting = false;
let lock: { server: Server; file: string } | undefined;
/** A second process must not end before the first has its command line. */
let handedOver = Promise.resolve();
let nowReady: () => void;
const whenReady = new Promise<void>((resolve) => {
  nowReady = resolve;
});
const paths = new Map<string, string>();
/** Kept by browser-window.ts and utility-process.ts, which import this module. */
export const windows = new Set<Closable>();
export const services = new Map<number, string>();

export class App extends EventEmitter {
  isPackaged = false;
  readonly dock = undefined;
  readonly commandLine = strict('app.commandLine', {
    appendSwitch: (name: string, value = '') => void runtime.switches.set(name, value),
    hasSwitch: (name: string) => runtime.switches.has(name),
    getSwitchValue: (name: string) => runtime.switches.get(name) ?? '',
  });

  isReady(): boolean {
    return ready;
  }

  whenReady(): Promise<void> {
    return whenReady;
  }

  getName(): string {
    return runtime.manifest.productName ?? runtime.manifest.name ?? 'Electron';
  }

  getVersion(): string {
    return runtime.manifest.version ?? '0.0.0';
  }

  getAppPath(): string {
    return runtime.appPath;
  }

  getLocale(): string {
    return runtime.switches.get('lang') ?? 'en-US';
  }

  getPreferredSystemLanguages(): string[] {
    return [this.getLocale()];
  }

  getPath(name: string): string {
    const home = process.env['HOME'] ?? homedir();
    const appData = process.env['XDG_CONFIG_HOME'] ?? join(home, '.config');
    const userData = runtime.switches.get('user-data-dir') ?? join(appData, this.getName());
    const usual: Readonly<Record<string, string>> = {
      home,
      appData,
      userData,
      sessionData: userData,
      logs: join(userData, 'logs'),
      temp: tmpdir(),
      downloads: join(home, 'Downloads'),
      documents: join(home, 'Documents'),
      desktop: join(home, 'Desktop'),
      exe: process.execPath,
    };
    const path = paths.get(name) ?? usual[name];
    if (path === undefined) throw new Error(`Failed to get '${name}' path`);
    if (name === 'userData') mkdirSync(path, { recursive: true });
    return path;
  }

  setPath(name: string, path: string): void {
    paths.set(name, path);
  }

  /** A second process hands its command line to the first, over a socket beside the data folder. */
  requestSingleInstanceLock(data?: unknown): boolean {
    if (lock !== undefined) return true;
    const folder = this.getPath('userData');
    const file = join(folder, 'SingletonLock');
    const socket = join(tmpdir(), `standin-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}.sock`);
    if (isAlive(readNumber(file))) {
      const client = connect(socket);
      client.on('error', () => undefined);
      handedOver = new Promise((resolve) => client.once('close', () => resolve()));
      client.end(JSON.stringify({ argv: process.argv, cwd: process.cwd(), data }));
      return false;
    }
    writeFileSync(file, String(process.pid));
    rmSync(socket, { force: true });
    const server = createServer((client) => {
      let text = '';
      client.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      client.on('error', () => undefined);
      client.on('end', () => {
        if (text === '') return;
        const second = JSON.parse(text) as { argv: string[]; cwd: string; data: unknown };
        this.emit('second-instance', {}, second.argv, second.cwd, second.data);
      });
    });
    server.listen(socket).unref();
    lock = { server, file };
    return true;
  }

  hasSingleInstanceLock(): boolean {
    return lock !== undefined;
  }

  releaseSingleInstanceLock(): void {
    if (lock === undefined) return;
    rmSync(lock.file, { force: true });
    lock.server.close();
    lock = undefined;
  }

  quit(): void {
    if (quitting) return;
    quitting = true;
    const before = event();
    this.emit('before-quit', before);
    if (before.defaultPrevented) quitting = false;
    else setImmediate(() => void this.#closeAll());
  }

  async #closeAll(): Promise<void> {
    await handedOver;
    for (const window of windows) {
      if (await window.tryClose()) continue;
      quitting = false;
      return;
    }
    const will = event();
    this.emit('will-quit', will);
    if (will.defaultPrevented) quitting = false;
    else this.exit(0);
  }

  exit(code = 0): void {
    this.emit('quit', {}, code);
    this.releaseSingleInstanceLock();
    runtime.stop();
    process.exit(code);
  }

  getAppMetrics(): object[] {
    return Array.from(services, ([pid, name]) => ({ pid, name, type: 'Utility' }));
  }

  enableSandbox(): void {
    note('app.enableSandbox');
  }

  setLoginItemSettings(settings: object): void {
    note('app.setLoginItemSettings', settings);
  }

  getLoginItemSettings(): object {
    return { openAtLogin: false };
  }
}

Object.assign(
  App.prototype,
  noted('app', 'focus', 'setAppUserModelId', 'setAboutPanelOptions', 'showAboutPanel', 'setBadgeCount', 'relaunch'),
);

export const app: App = strict('app', new App());

export function isQuitting(): boolean {
  return quitting;
}

export function becomeReady(): void {
  if (ready) return;
  ready = true;
  app.emit('ready', event(), {});
  // Not in a listener of 'ready': Playwright's loader keeps that event to itself until the test is connected.
  nowReady();
}

function readNumber(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  if (pid === 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
