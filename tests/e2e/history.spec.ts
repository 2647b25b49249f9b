import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { pageHistory } from '../../electron/engine/history/history.ts';
import { expect, expectFits, seriousTrouble, test } from '../support/console-page.ts';
import { type ScriptedEngine, startScriptedEngine } from '../support/scripted-engine.ts';
import {
  addChange,
  addMirror,
  addSite,
  emptyHistory,
  type SeededHistory,
  seedChanges,
} from '../support/seeded-history.ts';
import { masterStatus, mirrorStatus, peer } from '../support/statuses.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');
const MANY = 100_000;

let folder: string;
let history: SeededHistory;
let engine: ScriptedEngine;
let site: number;

test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-history-'));
  history = await emptyHistory(join(folder, 'history.db'), 'master', 'origin');
  for (const [id, name] of [
    ['a', 'tokyo'],
    ['b', 'osaka'],
    ['c', 'berlin'],
  ] as const)
    addMirror(history, id, name);
  site = addSite(history, 'www');
});

test.afterEach(async () => {
  await engine.stop();
  history.store.close();
  rmSync(folder, { recursive: true });
});

/** The real history of a database, behind the real console. */
async function start(status = masterStatus(['tokyo', 'osaka', 'berlin'].map((name) => peer(name)))): Promise<void> {
  engine = await startScriptedEngine(status, [], {
    'history.page': (query: Parameters<typeof pageHistory>[1]) =>
      pageHistory(history, { ...query, limit: query.limit ?? 200 }),
    'waiting.resolve': (params: unknown) => params,
  });
}

async function show(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'History' }).click();
  await expect(page.getByRole('heading', { name: 'History', exact: true })).toBeVisible();
}

const rows = (page: Page) => page.getByRole('grid', { name: 'Changes, the newest first' }).getByRole('row');

test('100,000 changes are scrolled to the oldest, and none stays in the page that is not seen', async ({ open }) => {
  seedChanges(history, site, MANY, Date.now());
  await start();
  const page = await open(engine);
  await show(page);
  await expect(page.getByText('about 100,000 changes')).toBeVisible();
  await expect(rows(page).first()).toBeVisible();
  await page.screenshot({ path: join(pictures, 'history-light.png') });
  const grid = page.getByRole('grid', { name: 'Changes, the newest first' });
  const scrolled = await grid.evaluate(async (element) => {
    const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
    let mostRows = 0;
    while (element.getAttribute('aria-rowcount') === '-1') {
      element.scrollTop = element.scrollHeight;
      await frame();
      mostRows = Math.max(mostRows, element.querySelectorAll('[role=row]').length);
    }
    element.scrollTop = element.scrollHeight;
    await frame();
    return mostRows;
  });
  expect(scrolled).toBeLessThan(100);
  await expect(grid).toHaveAttribute('aria-rowcount', String(MANY));
  await expect(rows(page).last()).toHaveAttribute('aria-rowindex', String(MANY));
});

test('a transfer is opened by keys: its way to each mirror, and what fails is tried again', async ({ open }) => {
  const now = Date.now();
  seedChanges(history, site, 60, now - 5000, 3000);
  addChange(history, site, {
    seq: 61,
    at: now - 1000,
    path: 'downloads/catalogue-2026.pdf',
    deliveries: [
      { peer: 'a', state: 'published', after: 84 },
      { peer: 'b', state: 'published', after: 640 },
      { peer: 'c', state: 'failed' },
    ],
  });
  const error = { code: 'file.disk-full', params: {} } as const;
  const failing = { id: 'www@berlin:www:downloads/catalogue-2026.pdf', site: 'www', peer: 'berlin', error } as const;
  await start(
    masterStatus([peer('tokyo'), peer('osaka'), peer('berlin', { inStep: false, failing: 1, waiting: 1 })], {
      waiting: [{ ...failing, kind: 'failing', path: 'downloads/catalogue-2026.pdf', since: now }],
    }),
  );
  const page = await open(engine);
  await show(page);
  await expect(rows(page).first()).toContainText('catalogue-2026.pdf');
  await expect(rows(page).first()).toContainText('failing');
  await page.getByRole('grid').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary', { name: 'Journey of downloads/catalogue-2026.pdf' });
  await expect(panel.getByRole('list', { name: 'What happened at tokyo' })).toContainText('visible84 ms');
  await expect(panel).toContainText('There is no space left for this file.');
  await page.screenshot({ path: join(pictures, 'history-transfer.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await panel.getByRole('button', { name: 'Try now' }).click();
  await expect
    .poll(() => engine.calls)
    .toEqual([{ name: 'waiting.resolve', params: { id: failing.id, how: 'publish' } }]);
  await page.getByRole('grid').focus();
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
});

test('filters by path, mirror and state, in the address too', async ({ open }) => {
  seedChanges(history, site, 3000, Date.now());
  await start();
  const page = await open(engine);
  await show(page);
  await page.getByRole('searchbox', { name: 'Path' }).fill('story-110');
  await expect(rows(page)).toHaveCount(2);
  await expect(page.getByText('2 changes', { exact: true })).toBeVisible();
  await expect(rows(page).first()).toContainText('story-1100.html');
  await page.getByRole('searchbox', { name: 'Path' }).fill('images/{');
  await expect(page.getByRole('searchbox', { name: 'Path' })).toHaveAttribute('aria-invalid', 'true');
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByLabel('State').selectOption('Failing');
  await expect(rows(page)).toHaveCount(3);
  await page.getByLabel('Mirror', { exact: true }).selectOption('tokyo');
  await expect(page.getByText('No matching changes.')).toBeVisible();
  await page.evaluate(() => {
    location.hash = '#/history/berlin/failing';
  });
  await expect(rows(page)).toHaveCount(3);
});

test('what comes in meanwhile appears on top, and moves nothing that is being read', async ({ open }) => {
  const now = Date.now();
  seedChanges(history, site, 1000, now);
  const status = masterStatus([peer('tokyo')]);
  await start(status);
  const page = await open(engine);
  await show(page);
  await expect(rows(page).first()).toBeVisible();
  addChange(history, site, { seq: 1001, at: now + 1, path: 'first-news.html' });
  engine.show(status);
  await expect(rows(page).first()).toContainText('first-news.html');
  const grid = page.getByRole('grid');
  await grid.evaluate((element) => element.scrollTo(0, 28 * 100));
  const read = rows(page).filter({ has: page.locator('[aria-rowindex="110"]') });
  await expect(page.locator('[aria-rowindex="110"]')).toBeVisible();
  expect(await read.count()).toBe(0);
  const before = await page.locator('[aria-rowindex="110"]').textContent();
  const top = await page.locator('[aria-rowindex="110"]').evaluate((element) => element.getBoundingClientRect().top);
  addChange(history, site, { seq: 1002, at: now + 2, path: 'second-news.html' });
  engine.show(status);
  await expect(page.getByRole('button', { name: '1 new change above' })).toBeVisible();
  await expect(page.locator('[aria-rowindex="111"]')).toHaveText(before ?? '');
  expect(await page.locator('[aria-rowindex="111"]').evaluate((element) => element.getBoundingClientRect().top)).toBe(
    top,
  );
  await page.getByRole('button', { name: '1 new change above' }).click();
  await expect(rows(page).first()).toContainText('second-news.html');
});

test('saved as CSV and as JSON: all that is found, more than one page of it', async ({ open }) => {
  seedChanges(history, site, 2500, Date.now());
  await start();
  const page = await open(engine);
  await show(page);
  const save = async (name: string): Promise<string> => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name, exact: true }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(new RegExp(`^www-history-.*\\.${name.toLowerCase()}$`));
    return readFileSync(await download.path(), 'utf8');
  };
  const lines = (await save('CSV')).trimEnd().split('\r\n');
  expect(lines).toHaveLength(1 + 3 * 2500);
  expect(lines[1]).toMatch(/^\d{4}-.*Z,www,2500,put,.*,editor,tokyo,published,fetch,/);
  const json = JSON.parse(await save('JSON')) as { seq: number }[];
  expect(json.map(({ seq }) => seq)).toEqual(Array.from({ length: 2500 }, (_, index) => 2500 - index));
});

test('nothing yet, in Japanese and dark; a mirror; a small window', async ({ open }) => {
  await start(mirrorStatus(peer('origin')));
  const page = await open(engine, { locale: 'ja-JP', colorScheme: 'dark' });
  await page.getByRole('link', { name: '履歴' }).click();
  await expect(page.getByText('変更はまだありません。アップロード')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'history-empty-ja-dark.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  seedChanges(history, site, 400, Date.now());
  engine.show(masterStatus([peer('tokyo'), peer('osaka'), peer('berlin')]));
  await expect(page.getByRole('row').nth(3)).toBeVisible();
  await page.getByRole('row').nth(3).click();
  await page.screenshot({ path: join(pictures, 'history-ja-dark.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await expectFits(page, join(pictures, 'history'));
});
