import type { MenuItemConstructorOptions } from 'electron';
import type { Texts } from './texts.ts';
import type { ZoomChange } from './zoom.ts';

export interface MenuActions {
  readonly about: () => void;
  readonly settings: () => void;
  readonly publish: () => void;
  readonly zoom: (change: ZoomChange) => void;
  /** Absent: this build names no place where they are. */
  readonly docs: (() => void) | undefined;
  readonly diagnostics: () => void;
}

interface Shown {
  readonly texts: Texts['menu'];
  readonly platform: NodeJS.Platform;
  /** Run from a checkout: pages can be loaded again and looked into. */
  readonly isDevelopment: boolean;
  readonly publishes: boolean;
  readonly actions: MenuActions;
}

type Item = MenuItemConstructorOptions;

/** The menu of the app. Standard items keep their roles, by which the system knows them, and get the app's language. */
export function appMenu(shown: Shown): Item[] {
  const { texts, platform, actions } = shown;
  const isMac = platform === 'darwin';
  const help: Item[] = [
    ...(actions.docs ? [{ id: 'docs', label: texts.docs, click: actions.docs }] : []),
    { id: 'diagnostics', label: texts.diagnostics, click: actions.diagnostics },
    ...(isMac ? [] : [separator, { id: 'about', label: texts.about, click: actions.about }]),
  ];
  return [
    ...(isMac ? [macMenu(shown)] : []),
    fileMenu(shown),
    editMenu(texts),
    viewMenu(shown),
    ...(isMac ? [windowMenu(texts)] : []),
    { role: 'help', id: 'help', label: texts.help, submenu: help },
  ];
}

const separator: Item = { type: 'separator' };

function macMenu({ texts, actions }: Shown): Item {
  return {
    label: 'Lockstep',
    submenu: [
      { id: 'about', label: texts.about, click: actions.about },
      separator,
      settingsItem(texts, actions),
      separator,
      { role: 'services', label: texts.services },
      separator,
      { role: 'hide', label: texts.hide },
      { role: 'hideOthers', label: texts.hideOthers },
      { role: 'unhide', label: texts.showAll },
      separator,
      { role: 'quit', label: texts.quit },
    ],
  };
}

function fileMenu({ texts, platform, publishes, actions }: Shown): Item {
  const close: Item = { role: 'close', label: texts.closeWindow };
  const rest: Item[] =
    platform === 'darwin'
      ? [close]
      : [settingsItem(texts, actions), separator, close, { role: 'quit', label: texts.quit }];
  const publish: Item = {
    id: 'publish',
    label: texts.publish,
    accelerator: 'CmdOrCtrl+Shift+P',
    enabled: publishes,
    click: actions.publish,
  };
  return { label: texts.file, submenu: [publish, separator, ...rest] };
}

function editMenu(texts: Texts['menu']): Item {
  return {
    label: texts.edit,
    submenu: [
      { role: 'undo', label: texts.undo },
      { role: 'redo', label: texts.redo },
      separator,
      { role: 'cut', label: texts.cut },
      { role: 'copy', label: texts.copy },
      { role: 'paste', label: texts.paste },
      separator,
      { role: 'selectAll', label: texts.selectAll },
    ],
  };
}

function viewMenu({ texts, isDevelopment, actions }: Shown): Item {
  const development: Item[] = [
    { role: 'reload', label: texts.reload },
    { role: 'toggleDevTools', label: texts.devTools },
    separator,
  ];
  return {
    label: texts.view,
    submenu: [
      ...(isDevelopment ? development : []),
      // Not the roles: those forget the magnification with the window.
      { id: 'zoom-reset', label: texts.zoomReset, accelerator: 'CmdOrCtrl+0', click: () => actions.zoom('reset') },
      { id: 'zoom-in', label: texts.zoomIn, accelerator: 'CmdOrCtrl+Plus', click: () => actions.zoom('in') },
      // The same key without Shift, as it lies on most keyboards.
      {
        label: texts.zoomIn,
        accelerator: 'CmdOrCtrl+=',
        visible: false,
        acceleratorWorksWhenHidden: true,
        click: () => actions.zoom('in'),
      },
      { id: 'zoom-out', label: texts.zoomOut, accelerator: 'CmdOrCtrl+-', click: () => actions.zoom('out') },
      separator,
      { role: 'togglefullscreen', label: texts.fullScreen },
    ],
  };
}

function windowMenu(texts: Texts['menu']): Item {
  return {
    role: 'window',
    label: texts.window,
    submenu: [
      { role: 'minimize', label: texts.minimize },
      { role: 'zoom', label: texts.zoom },
      separator,
      { role: 'front', label: texts.front },
    ],
  };
}

function settingsItem(texts: Texts['menu'], actions: MenuActions): Item {
  return { id: 'settings', label: texts.settings, accelerator: 'CmdOrCtrl+,', click: actions.settings };
}
