import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import type { EngineSummary } from '../../shared/contract/desktop.ts';
import { appMenu } from '../../electron/main/app-menu.ts';
import { speakerOf } from '../../electron/main/speaker.ts';
import { drawMark, markOf } from '../../electron/main/state-icon.ts';
import { trayMenu } from '../../electron/main/tray-menu.ts';

const nothing = (): void => undefined;
const menuActions = {
  about: nothing,
  settings: nothing,
  publish: nothing,
  zoom: nothing,
  docs: nothing,
  diagnostics: nothing,
};
const menu = (platform: NodeJS.Platform, isDevelopment = false, locale: 'en' | 'ja' = 'en') =>
  appMenu({ texts: speakerOf(locale).texts.menu, platform, isDevelopment, publishes: true, actions: menuActions });
const items = (entries: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
  entries.flatMap((entry) => [entry, ...(Array.isArray(entry.submenu) ? items(entry.submenu) : [])]);
const roles = (entries: readonly MenuItemConstructorOptions[]) => items(entries).flatMap(({ role }) => role ?? []);

describe('the menu of the app', () => {
  it('has the standard items, everywhere', () => {
    for (const platform of ['darwin', 'linux', 'win32'] as const)
      expect(roles(menu(platform))).toEqual(
        expect.arrayContaining([
          'undo',
          'redo',
          'cut',
          'copy',
          'paste',
          'selectAll',
          'close',
          'quit',
          'togglefullscreen',
          'help',
        ]),
      );
    expect(roles(menu('darwin'))).toEqual(
      expect.arrayContaining(['services', 'hide', 'hideOthers', 'unhide', 'window', 'minimize', 'front']),
    );
  });

  it('loads pages anew and looks into them in a checkout only', () => {
    expect(roles(menu('linux', true))).toEqual(expect.arrayContaining(['reload', 'toggleDevTools']));
    for (const role of ['reload', 'forceReload', 'toggleDevTools'] as const)
      expect(roles(menu('linux'))).not.toContain(role);
  });

  it('says each of its items in the language of the app', () => {
    const labels = items(menu('darwin', true, 'ja')).flatMap(({ label, type }) =>
      type === 'separator' ? [] : [label],
    );
    expect(labels.filter((label) => label === undefined)).toEqual([]);
    expect(labels.filter((label) => !/[\u3040-\u30ff\u4e00-\u9fff]/.test(label ?? ''))).toEqual(['Lockstep']);
  });

  it('offers documents only where the build names a place for them', () => {
    const without = appMenu({
      texts: speakerOf('en').texts.menu,
      platform: 'linux',
      isDevelopment: false,
      publishes: false,
      actions: { ...menuActions, docs: undefined },
    });
    expect(items(without).map(({ id }) => id)).not.toContain('docs');
    expect(items(menu('linux')).map(({ id }) => id)).toContain('docs');
    expect(items(without).find(({ id }) => id === 'publish')?.enabled).toBe(false);
  });
});

describe('the tray', () => {
  const summary: EngineSummary = {
    state: 'in-step',
    role: 'master',
    paused: false,
    peers: 1,
    inStep: 1,
    away: 0,
    needs: [],
    needCount: 0,
    arrived: [],
  };
  const actions = { open: nothing, publish: nothing, pause: nothing, quit: nothing };
  const ids = (shown: EngineSummary) =>
    trayMenu({
      sentence: 'The mirror is in step.',
      summary: shown,
      texts: speakerOf('en').texts.tray,
      actions,
    }).flatMap(({ id }) => id ?? []);

  it('says how it is, and what can be done here', () => {
    expect(ids(summary)).toEqual(['state', 'open', 'publish', 'pause', 'quit']);
    expect(ids({ ...summary, paused: true })).toEqual(['state', 'open', 'publish', 'resume', 'quit']);
    expect(ids({ ...summary, role: 'mirror' })).toEqual(['state', 'open', 'pause', 'quit']);
    expect(ids({ ...summary, role: null, state: 'unset' })).toEqual(['state', 'open', 'quit']);
  });

  it('shows trouble where there is no engine, and nothing of it before there is an install', () => {
    expect((['starting', 'unset', 'failed', 'needs-person', 'paused'] as const).map(markOf)).toEqual([
      'working',
      'away',
      'needs-person',
      'needs-person',
      'paused',
    ]);
  });

  it('has a picture of its own for each state, by its shape alone too', () => {
    const marks = ['in-step', 'working', 'needs-person', 'away', 'paused'] as const;
    const shapes = marks.map((mark) => drawMark(mark, 32, true).toString('base64'));
    expect(new Set(shapes).size).toBe(marks.length);
    expect(new Set(marks.map((mark) => drawMark(mark, 16, false).toString('base64'))).size).toBe(marks.length);
    expect(drawMark('away', 16, false).subarray(1, 4).toString()).toBe('PNG');
  });
});
