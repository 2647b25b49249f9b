import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication } from '@playwright/test';
import { expect, launch, test } from '../support/desktop-app.ts';
import { goToOverview, startAsMaster } from '../support/first-start-page.ts';

const bounds = (app: ElectronApplication): Promise<Electron.Rectangle | undefined> =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds());
const place = { x: 140, y: 120, width: 1000, height: 700 };

test('the window opens where it was, as large as it was, magnified as it was', async ({ app, window, home }) => {
  await expect(window.getByRole('heading')).toBeVisible();
  await app.evaluate(({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0]?.setBounds(to), place);
  await app.evaluate(({ BrowserWindow, Menu }) => {
    BrowserWindow.getAllWindows()[0]?.focus();
    Menu.getApplicationMenu()?.getMenuItemById('zoom-in')?.click();
  });
  await app.close();
  const again = await launch(home);
  await expect((await again.firstWindow()).getByRole('heading')).toBeVisible();
  expect(await bounds(again)).toEqual(place);
  const zoom = (): Promise<number | undefined> =>
    again.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getZoomFactor());
  await expect.poll(zoom).toBeCloseTo(1.1);
  await again.close();
});

test('a window that was on a display which is gone opens on one that is there', async ({ home }) => {
  mkdirSync(join(home, 'data'));
  writeFileSync(
    join(home, 'data', 'window.json'),
    JSON.stringify({ bounds: { ...place, x: -9000 }, maximised: false }),
  );
  const app = await launch(home);
  await expect((await app.firstWindow()).getByRole('heading')).toBeVisible();
  const opened = await bounds(app);
  expect(opened?.x).toBeGreaterThan(-1000);
  expect({ width: opened?.width, height: opened?.height }).toEqual({ width: 1000, height: 700 });
  await app.close();
});

test('files of the app that are broken are passed over, and it starts', async ({ home }) => {
  mkdirSync(join(home, 'data'));
  writeFileSync(join(home, 'data', 'window.json'), '{"bounds":');
  writeFileSync(join(home, 'data', 'desktop.json'), '[]');
  const app = await launch(home);
  await expect((await app.firstWindow()).getByRole('heading')).toBeVisible();
  await app.close();
});

test('a second start brings the window forward, whatever else it asks for', async ({ app, window, home }) => {
  await expect(window.getByRole('heading')).toBeVisible();
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.minimize());
  const minimized = (): Promise<boolean[]> =>
    app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((each) => each.isMinimized()));
  await launch(home, { args: ['--hidden'] }).catch(() => undefined);
  expect(await minimized()).toEqual([true]);
  await launch(home, { args: ['lockstep://evil/../x', '--unknown=1', 'file:///etc/passwd'] }).catch(() => undefined);
  await expect.poll(minimized).toEqual([false]);
  expect(window.url()).toMatch(/lockstep/);
  await expect(window.getByRole('heading')).toBeVisible();
});

test('a link with a pairing code opens the step that takes it, and joins nothing by itself', async ({ home }) => {
  const code = 'lockstep1-bm90IGEgcmVhbCBvbmU';
  const app = await launch(home, { args: [`lockstep:${code}`] });
  const window = await app.firstWindow();
  const field = window.getByLabel('Pairing code from the master');
  await expect(field).toHaveValue(code);
  expect(window.url()).not.toContain(code);
  await launch(home, { args: [`lockstep:${code}-2`] }).catch(() => undefined);
  await expect(field).toHaveValue(`${code}-2`);
  await launch(home, { args: ['lockstep:lockstep1-<b>', `lockstep://join/?${code}`] }).catch(() => undefined);
  await expect(field).toHaveValue('lockstep1-');
  await app.evaluate(({ app: electronApp }, link) => {
    electronApp.emit('open-url', { preventDefault: () => undefined }, link);
  }, `lockstep://${code}-3/`);
  await expect(field).toHaveValue(`${code}-3`);
  await expect(window.getByText('This is not a complete pairing code.')).toBeVisible();
  expect(readdirSync(join(home, 'data'))).not.toContain('config.json');
  await app.close();
});

test('start at login, and what is stored where nothing protects it, are said and done in the settings', async ({
  home,
}) => {
  const site = join(home, 'site');
  mkdirSync(site);
  const app = await launch(home, { args: ['--password-store=basic'] });
  const window = await app.firstWindow();
  await startAsMaster(window, { root: site, name: 'origin' });
  await goToOverview(window);
  await window.evaluate(() => void (location.hash = '#/settings'));
  const panel = window.getByRole('region', { name: 'Desktop app' });
  await expect(panel).toContainText(
    process.platform === 'linux'
      ? 'On Linux, Lockstep does not check for updates.'
      : 'This build has no update source.',
  );
  if (process.platform === 'linux') {
    await expect(panel).toContainText('no keychain to protect them');
    const entry = join(home, '.config', 'autostart', 'lockstep.desktop');
    const login = panel.getByRole('group', { name: 'Start at login' });
    await login.getByRole('button', { name: 'On' }).click();
    await expect(login.getByRole('button', { name: 'On' })).toHaveAttribute('aria-pressed', 'true');
    expect(readFileSync(entry, 'utf8')).toContain('"--hidden"');
    await login.getByRole('button', { name: 'Off' }).click();
    await expect(login.getByRole('button', { name: 'Off' })).toHaveAttribute('aria-pressed', 'true');
    expect(existsSync(entry)).toBe(false);
  }
  await app.close();
});

test('what Help copies names no person, place or secret', async ({ app, window, home }) => {
  await expect(window.getByRole('heading')).toBeVisible();
  const text = await app.evaluate(async ({ clipboard, Menu }) => {
    Menu.getApplicationMenu()?.getMenuItemById('diagnostics')?.click();
    return clipboard.readText();
  });
  expect(text).toMatch(/^Lockstep \d/);
  expect(text).toContain('not set up: unset');
  expect(text).not.toContain(home);
});
