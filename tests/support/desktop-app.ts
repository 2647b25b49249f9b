import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { _electron, test as base, type ElectronApplication, type Page } from '@playwright/test';
import { electronExecutable } from './electron-executable.ts';

const root = join(import.meta.dirname, '..', '..');
const ACTION_TIMEOUT = 60_000;

interface Fixtures {
  /** A folder of its own for the test, removed afterwards. */
  readonly home: string;
  /** The built app, started on an empty data folder below `home`. */
  readonly app: ElectronApplication;
  /** Its window. */
  readonly window: Page;
}

export const test = base.extend<Fixtures>({
  // Playwright reads a fixture's needs from this pattern, so an empty one must stand here.
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads a fixture's needs from this pattern
  home: async ({}, use) => {
    const home = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-e2e-')));
    await use(home);
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  },
  app: async ({ home }, use) => {
    const app = await launch(home);
    await use(app);
    await app.close().catch(() => undefined);
  },
  window: async ({ app }, use) => {
    await use(await app.firstWindow());
  },
});

export { expect } from '@playwright/test';

interface Start {
  /** Of the app, where it is not the checkout. */
  readonly folder?: string;
  readonly args?: readonly string[];
  /** Linux: what the session says of a tray; absent: whatever this machine says. Elsewhere there is one. */
  readonly tray?: boolean;
}

/** Starts the built app as a person would; a second start on the same `home` finds the same data. */
export async function launch(
  home: string,
  { folder = root, args = [], tray }: Start = {},
): Promise<ElectronApplication> {
  mkdirSync(join(home, 'data'), { recursive: true });
  // Not `executablePath`: with it Playwright does not load its own loader, and the app would start before the test is connected.
  process.env['ELECTRON_OVERRIDE_DIST_PATH'] = electronExecutable().path;
  const env = definedEnv();
  // Elsewhere nobody asks a bus, and no such script could be run.
  const asksBus = tray !== undefined && process.platform === 'linux';
  const path = !asksBus ? env['PATH'] : `${sessionBus(home, tray)}${delimiter}${env['PATH'] ?? ''}`;
  const app = await _electron.launch({
    cwd: folder,
    args: [folder, `--user-data-dir=${join(home, 'data')}`, '--lang=en-US', ...args],
    env: { ...env, HOME: home, XDG_CONFIG_HOME: join(home, '.config'), ...(path !== undefined && { PATH: path }) },
  });
  // Playwright's own half a minute is too short for a slow machine; what the configuration says is for browsers only.
  app.context().setDefaultTimeout(ACTION_TIMEOUT);
  return app;
}

/** A folder with the program by which the app asks the session's bus for a tray. */
function sessionBus(home: string, tray: boolean): string {
  const folder = join(home, `bus-${tray}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'gdbus'), `#!/bin/sh\necho '(${tray},)'\n`, { mode: 0o755 });
  return folder;
}

function definedEnv(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
