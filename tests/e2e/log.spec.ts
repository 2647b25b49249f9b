import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LogRing } from '../../electron/engine/log/log-ring.ts';
import { expect, expectFits, seriousTrouble, test } from '../support/console-page.ts';
import { type ScriptedEngine, startScriptedEngine } from '../support/scripted-engine.ts';
import { masterStatus, peer } from '../support/statuses.ts';

/** For people to look at; not compared. */
const pictures = process.env['LOCKSTEP_PICTURES'] ?? join(import.meta.dirname, '..', '..', '.cache', 'pictures');

let engine: ScriptedEngine;
let ring: LogRing;
test.beforeEach(async () => {
  ring = new LogRing();
  engine = await startScriptedEngine(masterStatus([peer('osaka')]), [], {
    'log.page': (query: { after?: number; limit?: number }) => ring.page({ limit: 1000, ...query }),
    'log.record': ({ level }: { level: 'info' | 'debug' }) => {
      ring.recorded = level;
      return { level };
    },
  });
});
test.afterEach(() => engine.stop());

function write(level: number, msg: string, more: object = {}): void {
  ring.write(JSON.stringify({ level, time: new Date().toISOString(), msg, ...more }));
}

function writeSome(): void {
  write(30, 'the console listens', { part: 'console', host: '127.0.0.1', port: 8443 });
  write(30, 'the link is open', { part: 'link', peer: 'osaka', from: '10.0.0.7' });
  write(40, 'the watch begins again', { part: 'watch', site: 'www', code: 'watch.interrupted', params: {} });
  write(30, 'a login was refused', { part: 'ftp', user: 'alice', attempts: 2 });
  write(50, 'a task in the background failed', {
    err: { message: 'no such thing', stack: 'TypeError: no such thing\n    at somewhere (file.ts:1:1)' },
  });
  write(30, 'the link is closed', { part: 'link', peer: 'osaka', error: { code: 'link.lost', params: {} } });
}

test('lines come in as they are written; they are filtered, paused, opened, copied and saved', async ({ open }) => {
  writeSome();
  const page = await open(engine, { at: 'log' });
  const list = page.getByRole('listbox', { name: 'Log lines, newest last' });
  await expect(list.getByRole('option')).toHaveCount(6);
  await expect(list.getByRole('option').nth(1)).toContainText('[link osaka] the link is open · from 10.0.0.7');
  await expect(list.getByRole('option').nth(5)).toContainText('link.lost');
  await page.screenshot({ path: join(pictures, 'log-light.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  write(40, 'one more', { part: 'ftp' });
  await expect(list.getByRole('option').last()).toContainText('one more');

  await page.getByRole('button', { name: 'Pause' }).click();
  write(30, 'not seen yet');
  await expect(page.getByText('paused, 1 new since')).toBeVisible();
  await expect(list.getByRole('option')).toHaveCount(7);
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(list.getByRole('option').last()).toContainText('not seen yet');

  await page.getByLabel('Level').selectOption('Warnings and above');
  await expect(list.getByRole('option')).toHaveCount(3);
  await page.getByLabel('Level').selectOption('Every level');
  await page.getByLabel('Part', { exact: true }).selectOption('link');
  await expect(list.getByRole('option')).toHaveCount(2);
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('CLOSED');
  await expect(list.getByRole('option')).toHaveCount(1);
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save…' }).click(),
  ]);
  expect(readFileSync(await saved.path(), 'utf8')).toMatch(
    /^\d{4}-.*Z info \[link osaka\] the link is closed · .*\(link\.lost\)\n$/,
  );
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('');
  await page.getByLabel('Part', { exact: true }).selectOption('Any part');

  await list.focus();
  await page.keyboard.press('Home');
  for (let times = 0; times < 4; times += 1) await page.keyboard.press('ArrowDown');
  const panel = page.getByRole('complementary', { name: 'Log line' });
  await expect(panel).toContainText('at somewhere (file.ts:1:1)');
  await page.screenshot({ path: join(pictures, 'log-panel.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
});

test('every detail is recorded where it is asked for; 5,000 lines, of which the page holds a few; a small window in Japanese', async ({
  open,
}) => {
  for (let n = 0; n < 5000; n += 1) write(n % 50 === 0 ? 40 : 30, `line ${n}`, { part: 'ftp' });
  const page = await open(engine, { at: 'log', locale: 'ja-JP', colorScheme: 'dark' });
  const list = page.getByRole('listbox');
  await expect(list.getByRole('option').last()).toContainText('line 4999');
  expect(await list.getByRole('option').count()).toBeLessThan(100);
  await page.getByRole('button', { name: '詳細も' }).click();
  await expect.poll(() => engine.calls).toEqual([{ name: 'log.record', params: { level: 'debug' } }]);
  await expect(page.getByRole('button', { name: '詳細も' })).toHaveAttribute('aria-pressed', 'true');
  write(20, 'a command was refused', { part: 'ftp', verb: 'DELE', reply: 550 });
  await expect(list.getByRole('option').last()).toContainText('DELE');
  await page.screenshot({ path: join(pictures, 'log-ja-dark.png') });
  await expectFits(page, join(pictures, 'log'));
});
