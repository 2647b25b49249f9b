import type { ElectronApplication } from '@playwright/test';

/** What the app shows outside of its window, as a test can know it on any Electron: by what it says to the classes. */
export interface DesktopRecord {
  /** Of the tray. */
  toolTip: string;
  /** Labels of the tray's menu. */
  menu: string[];
  /** Titles of notifications, in their order. */
  notices: string[];
}

/** From now on what tray and notifications are told is kept. */
export function recordDesktop(app: ElectronApplication): Promise<void> {
  return app.evaluate(({ Tray, Notification }) => {
    const record = { toolTip: '', menu: [] as string[], notices: [] as string[] };
    const kept = { record, menu: undefined as Electron.Menu | null | undefined, last: undefined as unknown };
    Reflect.set(globalThis, 'desktopRecord', kept);
    const tray = Tray.prototype;
    const setToolTip = Reflect.get(tray, 'setToolTip');
    const setContextMenu = Reflect.get(tray, 'setContextMenu');
    tray.setToolTip = function (text) {
      record.toolTip = text;
      setToolTip.call(this, text);
    };
    tray.setContextMenu = function (menu) {
      kept.menu = menu;
      record.menu = menu?.items.flatMap(({ label, type }) => (type === 'separator' ? [] : [label])) ?? [];
      setContextMenu.call(this, menu);
    };
    const notification = Notification.prototype;
    const show = Reflect.get(notification, 'show');
    notification.show = function () {
      record.notices.push(this.title);
      kept.last = this;
      show.call(this);
    };
  });
}

export function desktopRecord(app: ElectronApplication): Promise<DesktopRecord> {
  return app.evaluate(() => (Reflect.get(globalThis, 'desktopRecord') as { record: DesktopRecord }).record);
}

/** Chooses from the tray's menu. */
export function chooseInTray(app: ElectronApplication, id: string): Promise<void> {
  return app.evaluate((_electron, wanted) => {
    const { menu } = Reflect.get(globalThis, 'desktopRecord') as { menu: Electron.Menu };
    const item = menu.getMenuItemById(wanted);
    if (item === null) throw new Error(`the tray offers no ${wanted}`);
    // Typed as any function; without what was clicked in it is as from a tray.
    (item.click as () => void)();
  }, id);
}

/** Clicks on the last notification. */
export function clickNotice(app: ElectronApplication): Promise<void> {
  return app.evaluate(() => {
    const { last } = Reflect.get(globalThis, 'desktopRecord') as { last: NodeJS.EventEmitter };
    last.emit('click');
  });
}
