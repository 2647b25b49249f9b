/** The module `electron` as the app sees it on the stand-in. What is not named here does not exist. */
import { app } from './api/app.ts';
import { BrowserWindow, webContents } from './api/browser-window.ts';
import {
  clipboard,
  dialog,
  Menu,
  MenuItem,
  nativeImage,
  nativeTheme,
  Notification,
  safeStorage,
  screen,
  shell,
  standin,
  Tray,
} from './api/desktop.ts';
import { ipcMain } from './api/ipc.ts';
import { protocol, session } from './api/protocol.ts';
import { utilityProcess } from './api/utility-process.ts';
import { MessageChannelMain, MessagePortMain } from './ports.ts';

const electron = {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  MenuItem,
  MessageChannelMain,
  MessagePortMain,
  nativeImage,
  nativeTheme,
  Notification,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
  utilityProcess,
  webContents,
  /** Only here: how a test knows what it runs on, and what the app did with parts that have no effect. */
  __standin: standin,
};

export {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  MenuItem,
  MessageChannelMain,
  MessagePortMain,
  nativeImage,
  nativeTheme,
  Notification,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
  utilityProcess,
  webContents,
};
/** What `require('electron')` gives. */
export { electron as 'module.exports' };
export default electron;
