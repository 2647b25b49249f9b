import type { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import type { Departure } from '../../electron/main/updates.ts';

const steps = vi.hoisted(() => [] as string[]);

vi.mock('electron', async () => {
  const { EventEmitter: Emitter } = await import('node:events');
  const note = (name: string) => (): void => void steps.push(name);
  const app = Object.assign(new Emitter(), {
    isPackaged: true,
    quit: note('quit'),
    relaunch: note('relaunch'),
    releaseSingleInstanceLock: note('the lock is released'),
    getVersion: () => '0.1.0',
    getPreferredSystemLanguages: () => ['en'],
    setAboutPanelOptions: () => undefined,
  });
  class Engine extends Emitter {
    postMessage({ type }: { type: string }): void {
      steps.push(`the engine is told to ${type}`);
      setTimeout(() => {
        steps.push('the engine has ended');
        this.emit('exit', 0);
      }, 20);
    }
    kill(): void {}
  }
  return {
    app,
    BrowserWindow: class {
      static getAllWindows = (): object[] => [];
      static getFocusedWindow = (): null => null;
    },
    Menu: { buildFromTemplate: () => ({}), setApplicationMenu: () => undefined },
    safeStorage: { isAsyncEncryptionAvailable: () => Promise.resolve(false) },
    utilityProcess: { fork: () => new Engine() },
  };
});
vi.mock('../../electron/main/window.ts', async () => {
  const { EventEmitter: Emitter } = await import('node:events');
  const window = new Emitter();
  return { openWindow: () => window, zoomWindow: () => undefined };
});

const { app } = await import('electron');
const { DesktopApp } = await import('../../electron/main/desktop-app.ts');
const { defaultSettings } = await import('../../electron/main/desktop-settings.ts');
const { noWindowState } = await import('../../electron/main/window-state.ts');
const { openWindow } = await import('../../electron/main/window.ts');

test('before another version is installed the engine has ended, the lock is free, and no window or quitting waits', async () => {
  const kept = <T>(value: T) => ({ get: () => value, set: () => undefined, flush: () => Promise.resolve() });
  let departure: Departure | undefined;
  const desktop = new DesktopApp({
    files: { engine: 'engine.js', preload: 'preload.cjs', renderer: 'renderer' },
    dataDir: '/data',
    settings: kept(defaultSettings),
    window: kept(noWindowState),
    hasTray: false,
    platform: 'darwin',
    docs: undefined,
    updates: {
      state: () => ({ is: 'ready', version: '0.2.0' }),
      enable: () => undefined,
      check: () => Promise.resolve(),
      download: () => Promise.resolve(),
      install: (given) => {
        departure = given;
      },
      stop: () => undefined,
    },
    login: { isOn: () => Promise.resolve(false), set: () => Promise.resolve() },
    report: () => undefined,
  });
  desktop.start();
  desktop.showWindow();
  await desktop.shellHandlers()['shell.update']({ do: 'install' }, {} as never);
  await Promise.all([departure?.leave(), departure?.leave()]);
  expect(steps.slice(0, 3)).toEqual(['the engine is told to stop', 'the engine has ended', 'the lock is released']);

  const prevented = (emitter: EventEmitter, name: string): boolean => {
    let isPrevented = false;
    emitter.emit(name, { preventDefault: () => void (isPrevented = true) });
    return isPrevented;
  };
  expect(prevented(openWindow('', kept(noWindowState)), 'close')).toBe(false);
  expect(prevented(app, 'will-quit')).toBe(false);
  expect(steps).not.toContain('quit');
  departure?.comeBack();
  expect(steps.slice(-2)).toEqual(['relaunch', 'quit']);
});
