import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication } from '@playwright/test';
import { expect, launch, test } from '../support/desktop-app.ts';
import { chooseInTray, clickNotice, desktopRecord, recordDesktop } from '../support/desktop-record.ts';
import { goToOverview, startAsMaster, startAsMirror } from '../support/first-start-page.ts';

const toolTip = async (app: ElectronApplication): Promise<string> => (await desktopRecord(app)).toolTip;
const windows = (app: ElectronApplication): Promise<number> =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
const close = (app: ElectronApplication): Promise<void> =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());

async function startMaster(home: string, tray: boolean): Promise<ElectronApplication> {
  const site = join(home, 'site');
  mkdirSync(site);
  const app = await launch(home, { tray });
  await recordDesktop(app);
  const window = await app.firstWindow();
  await startAsMaster(window, { root: site, name: 'origin' });
  await goToOverview(window);
  return app;
}

test('the tray says how the install is, and follows the language of the app; menus and light too', async ({ home }) => {
  const app = await startMaster(home, true);
  const window = await app.firstWindow();
  await expect.poll(() => toolTip(app)).toBe('Lockstep · There are no mirrors yet.');
  expect((await desktopRecord(app)).menu).toEqual([
    'There are no mirrors yet.',
    'Open Lockstep',
    'Publish…',
    'Pause All Transfers',
    'Quit Lockstep',
  ]);
  const menuLabels = (running: ElectronApplication): Promise<string[]> =>
    running.evaluate(({ Menu }) => Menu.getApplicationMenu()?.items.map(({ label }) => label) ?? []);
  expect(await menuLabels(app)).toEqual(expect.arrayContaining(['File', 'Edit', 'View', 'Help']));

  await window.evaluate(() => void (location.hash = '#/settings'));
  await window.getByRole('button', { name: '日本語' }).click();
  await expect.poll(() => toolTip(app)).toBe('Lockstep · ミラーはまだありません。');
  expect(await menuLabels(app)).toEqual(expect.arrayContaining(['ファイル', '編集', '表示', 'ヘルプ']));
  await window.getByRole('button', { name: 'ダーク' }).click();
  const light = (running: ElectronApplication): Promise<string> =>
    running.evaluate(({ nativeTheme }) => nativeTheme.themeSource);
  await expect.poll(() => light(app)).toBe('dark');

  await chooseInTray(app, 'pause');
  await expect.poll(() => toolTip(app)).toBe('Lockstep · すべての転送を一時停止しています。');
  await chooseInTray(app, 'resume');
  await expect.poll(() => toolTip(app)).toBe('Lockstep · ミラーはまだありません。');
  await app.close();

  // At the next start they are so from the beginning, before any page has said it.
  const again = await launch(home, { tray: true, args: ['--hidden'] });
  await expect.poll(() => menuLabels(again)).toEqual(expect.arrayContaining(['ファイル']));
  expect(await light(again)).toBe('dark');
  expect(await windows(again)).toBe(0);
  await again.close();
});

test('without its window it goes on in the tray, says so once, and opens from there', async ({ home }) => {
  const app = await startMaster(home, true);
  await expect.poll(() => toolTip(app)).toContain('no mirrors');
  await close(app);
  await expect.poll(() => windows(app)).toBe(0);
  expect((await desktopRecord(app)).notices).toEqual(['Lockstep keeps running without its window']);
  const engines = await app.evaluate(
    ({ app: running }) => running.getAppMetrics().filter(({ name }) => name === 'Lockstep engine').length,
  );
  expect(engines).toBe(1);

  const opened = app.waitForEvent('window');
  await chooseInTray(app, 'publish');
  await expect((await opened).getByRole('heading', { name: 'Publish', exact: true })).toBeVisible();
  await close(app);
  await expect.poll(() => windows(app)).toBe(0);
  expect((await desktopRecord(app)).notices).toHaveLength(1);

  const back = app.waitForEvent('window');
  await launch(home, { tray: true }).catch(() => undefined);
  await expect((await back).getByRole('complementary')).toContainText('origin');
  await app.close();
});

test('where there is no tray, closing asks, and does what was answered', async ({ home }) => {
  test.skip(process.platform !== 'linux', 'elsewhere there is a tray, or a dock');
  const app = await startMaster(home, false);
  const answer = (response: number, checkboxChecked = false): Promise<void> =>
    app.evaluate(
      ({ dialog }, said) => {
        dialog.showMessageBox = () => Promise.resolve(said);
      },
      { response, checkboxChecked },
    );
  await answer(2);
  await close(app);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await windows(app)).toBe(1);
  await answer(0, true);
  await close(app);
  await expect.poll(() => windows(app)).toBe(0);

  // Remembered: the next time nobody is asked.
  await answer(2);
  const back = app.waitForEvent('window');
  await launch(home, { tray: false }).catch(() => undefined);
  const window = await back;
  await expect(window.getByRole('complementary')).toBeVisible();
  await window.evaluate(() => void (location.hash = '#/settings'));
  await expect(window.getByRole('button', { name: 'Keeps Lockstep running' })).toHaveAttribute('aria-pressed', 'true');
  await close(app);
  await expect.poll(() => windows(app)).toBe(0);
  await app.close();
});

test('a mirror that goes away, and what needs a person, show in the tray; a notification leads there', async ({
  home,
}) => {
  const app = await startMaster(home, true);
  const window = await app.firstWindow();
  await window.evaluate(() => void (location.hash = '#/mirrors'));
  await window.evaluate(async () => {
    const api = Reflect.get(globalThis, 'lockstep') as { call(name: string, params: object): Promise<unknown> };
    const answer = (await api.call('pairing.invite', {})) as { value: { code: string } };
    Reflect.set(globalThis, 'code', answer.value.code);
  });
  const code = await window.evaluate(() => String(Reflect.get(globalThis, 'code')));
  const mirror = await launch(join(home, 'mirror'), { tray: false });
  await startAsMirror(await mirror.firstWindow(), { code, root: join(home, 'copy'), name: 'tokyo' });
  await expect.poll(() => toolTip(app)).toBe('Lockstep · The mirror is in step.');
  await mirror.close();
  await expect.poll(() => toolTip(app)).toBe('Lockstep · tokyo is not connected.');
  await app.close();

  renameSync(join(home, 'site'), join(home, 'elsewhere'));
  const again = await launch(home, { tray: true, args: ['--hidden'] });
  await recordDesktop(again);
  await expect.poll(() => toolTip(again)).toBe('Lockstep · One thing needs attention.');
  await expect.poll(async () => (await desktopRecord(again)).notices).toEqual(['www needs attention']);
  const opened = again.waitForEvent('window');
  await clickNotice(again);
  const page = await opened;
  await expect(page.getByText('site.root-missing')).toBeVisible();
  expect(await page.evaluate(() => location.hash)).toBe('#/together/waiting/www%3Asite');
  expect((await desktopRecord(again)).notices).toHaveLength(1);
  await again.close();
});
