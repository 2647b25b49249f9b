// Finds a Chromium for the end-to-end tests and for the Electron stand-in. Plain JavaScript: the set-up uses it before Node 24 is there.
import { accessSync, constants, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const APPLICATIONS = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
};

/**
 * The path of a Chromium: the one of LOCKSTEP_CHROMIUM, Playwright's own, the system's, in this order.
 * @returns {string | undefined}
 */
export function findChromium() {
  const named = process.env.LOCKSTEP_CHROMIUM;
  if (named) return isExecutable(named) ? named : undefined;
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command)));
  const applications =
    process.platform === 'darwin' || process.platform === 'win32' ? APPLICATIONS[process.platform] : [];
  return [...playwrightChromiums(), ...onPath, ...applications].find(isExecutable);
}

/** Where `playwright install chromium` puts it; the newest first. */
function playwrightChromiums() {
  if (process.platform !== 'linux') return [];
  const root = process.env.PLAYWRIGHT_BROWSERS_PATH || join(homedir(), '.cache', 'ms-playwright');
  try {
    const builds = readdirSync(root).filter((folder) => /^chromium-\d+$/.test(folder));
    return builds
      .sort()
      .reverse()
      .map((folder) => join(root, folder, 'chrome-linux64', 'chrome'));
  } catch {
    return [];
  }
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
