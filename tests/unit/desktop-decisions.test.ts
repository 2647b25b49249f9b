import { describe, expect, it } from 'vitest';
import { readArguments } from '../../electron/main/arguments.ts';
import { decideClosing } from '../../electron/main/closing.ts';
import { defaultSettings, desktopSettings, localeOf } from '../../electron/main/desktop-settings.ts';
import { canShowTray } from '../../electron/main/tray-support.ts';
import { noWindowState, placeWindow, type Rectangle, windowState } from '../../electron/main/window-state.ts';
import { clampZoom, nextZoom } from '../../electron/main/zoom.ts';

const laptop: Rectangle = { x: 0, y: 24, width: 1440, height: 876 };
const beside: Rectangle = { x: 1440, y: 0, width: 1920, height: 1080 };
const at = (x: number, y: number, width = 1120, height = 760) => ({
  ...noWindowState,
  bounds: { x, y, width, height },
});

describe('the window opens', () => {
  it('in its usual size where the system wants it, the first time', () => {
    expect(placeWindow(noWindowState, [laptop])).toEqual({ width: 1120, height: 760 });
  });

  it('as it was', () => {
    expect(placeWindow(at(1500, 100), [laptop, beside])).toEqual({ x: 1500, y: 100, width: 1120, height: 760 });
  });

  it('in its size where its display is gone', () => {
    expect(placeWindow(at(1500, 100, 1300), [laptop])).toEqual({ width: 1300, height: 760 });
  });

  it('moved in where it hung over the edge, and no larger than the display', () => {
    expect(placeWindow(at(1200, 500), [laptop])).toEqual({ x: 320, y: 140, width: 1120, height: 760 });
    expect(placeWindow(at(0, 24, 3000, 2000), [laptop])).toEqual({ x: 0, y: 24, width: 1440, height: 876 });
  });

  it('no smaller than it can be used, with its title bar on the display', () => {
    expect(placeWindow(at(10, 30, 10, 10), [laptop])).toEqual({ width: 900, height: 600 });
    expect(placeWindow(at(500, -20), [{ x: 0, y: 0, width: 800, height: 500 }])).toEqual({
      x: 0,
      y: 0,
      width: 900,
      height: 600,
    });
  });
});

describe('what stands in window.json and desktop.json', () => {
  it('is refused where it is no place of a window', () => {
    for (const bounds of [{ x: 0 }, { x: 0, y: 0, width: 1e9, height: 1 }, { x: 0.5, y: 0, width: 1, height: 1 }, 'x'])
      expect(windowState.safeParse({ bounds }).success).toBe(false);
  });

  it('has the usual value where a setting is not known', () => {
    expect(desktopSettings.parse({ locale: 'xx', theme: 1, whenClosed: 'explode', notifications: 'yes' })).toEqual(
      defaultSettings,
    );
    expect(windowState.parse({ zoom: 99 }).zoom).toBe(3);
  });
});

describe('magnification', () => {
  it('goes from step to step and back', () => {
    expect([1, 1.1, 3, 0.5, 1.3].map((zoom) => nextZoom(zoom, 'in'))).toEqual([1.1, 1.25, 3, 0.67, 1.5]);
    expect([1, 1.1, 3, 0.5, 1.3].map((zoom) => nextZoom(zoom, 'out'))).toEqual([0.9, 1, 2.5, 0.5, 1.25]);
    expect(nextZoom(2, 'reset')).toBe(1);
  });

  it('stays within what can be used', () => {
    expect([0, 1.4, 50, Number.NaN, Number.POSITIVE_INFINITY].map(clampZoom)).toEqual([0.5, 1.4, 3, 1, 1]);
  });
});

describe('closing the window', () => {
  const told = { whenClosed: undefined, staysTold: true };
  const untold = { whenClosed: undefined, staysTold: false };
  it.each([
    ['goes on where the tray shows it, and says so once', untold, true, 'linux', 'stay-and-tell'],
    ['goes on', told, true, 'win32', 'stay'],
    ['goes on by the dock of a Mac', told, false, 'darwin', 'stay'],
    ['asks where nothing would show that it runs', told, false, 'linux', 'ask'],
    ['quits where the person said so', { ...told, whenClosed: 'quit' as const }, true, 'darwin', 'quit'],
    [
      'goes on unseen only where the person said so',
      { ...untold, whenClosed: 'stay' as const },
      false,
      'linux',
      'stay',
    ],
  ] as const)('%s', (_name, settings, hasTray, platform, expected) => {
    expect(decideClosing({ settings, isSetUp: true, hasTray, platform })).toBe(expected);
  });

  it('quits before anything was set up', () => {
    expect(decideClosing({ settings: told, isSetUp: false, hasTray: true, platform: 'linux' })).toBe('quit');
  });
});

describe('a command line', () => {
  it('is read without trust', () => {
    expect(readArguments(['lockstep', '--hidden'])).toEqual({ hidden: true, code: undefined });
    expect(readArguments(['lockstep', '--hidden=no', 'file:///etc/passwd', '-r', 'evil.js', 5, null])).toEqual({
      hidden: false,
      code: undefined,
    });
  });

  it('may hold a link with a pairing code, and nothing but a whole one', () => {
    const code = `lockstep1-${'aB_-9'.repeat(60)}`;
    for (const link of [`lockstep:${code}`, `lockstep://${code}`, `lockstep://${code}/`])
      expect(readArguments(['lockstep', link])).toEqual({ hidden: false, code });
    for (const other of [code, `LOCKSTEP:${code}\n`, `x lockstep:${code}`, 7])
      expect(readArguments(['lockstep', other]).code).toBeUndefined();
  });

  it('may hold a broken link: it is said that its code is not whole, and nothing of it is shown', () => {
    const code = `lockstep1-${'aB_-9'.repeat(60)}`;
    const broken = [
      `lockstep:${code}?x`,
      `lockstep:join/${code}`,
      `lockstep:lockstep1-<b>`,
      'lockstep:',
      'lockstep://x',
    ];
    for (const link of [...broken, `lockstep:lockstep1-${'a'.repeat(5000)}`])
      expect(readArguments(['lockstep', link]).code).toBe('lockstep1-');
  });
});

describe('the language', () => {
  it('is the chosen one, else the system’s, else English', () => {
    expect(localeOf({ ...defaultSettings, locale: 'ja' }, ['en-GB'])).toBe('ja');
    expect(localeOf(defaultSettings, ['fr-FR', 'ja-JP', 'en'])).toBe('ja');
    expect(localeOf(defaultSettings, ['jam'])).toBe('en');
  });
});

describe('a mark in the tray can be seen', () => {
  it('on macOS and Windows without asking', async () => {
    const never = () => Promise.reject(new Error('asked'));
    expect(await canShowTray('darwin', never)).toBe(true);
    expect(await canShowTray('win32', never)).toBe(true);
  });

  it('on Linux as the bus says, by whatever program is here', async () => {
    const answers = (known: Readonly<Record<string, string>>) => (command: string) =>
      command in known ? Promise.resolve(known[command] ?? '') : Promise.reject(new Error('not here'));
    expect(await canShowTray('linux', answers({ gdbus: '(true,)\n' }))).toBe(true);
    expect(await canShowTray('linux', answers({ gdbus: '(false,)\n' }))).toBe(false);
    expect(await canShowTray('linux', answers({ 'dbus-send': 'method return …\n   boolean true\n' }))).toBe(true);
    expect(await canShowTray('linux', answers({ busctl: 'b false\n' }))).toBe(false);
    expect(await canShowTray('linux', answers({}))).toBe(false);
  });
});
