import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { Status } from '../../shared/contract/status.ts';
import { expect, expectFits, seriousTrouble, test } from '../support/console-page.ts';
import { type ScriptedEngine, startScriptedEngine } from '../support/scripted-engine.ts';
import { addChange, addMirror, addSite, emptyHistory, type SeededHistory } from '../support/seeded-history.ts';
import { type SeededSite, treeAnswers } from '../support/seeded-site.ts';
import { addLargeTree, addTree } from '../support/seeded-tree.ts';
import { masterStatus, mirrorStatus, peer } from '../support/statuses.ts';

/** For people to look at; not compared. */
const pictures = process.env['LOCKSTEP_PICTURES'] ?? join(import.meta.dirname, '..', '..', '.cache', 'pictures');
const peers = ['tokyo', 'osaka', 'berlin'].map((name) => peer(name));

let folder: string;
let history: SeededHistory;
let engine: ScriptedEngine;
let seeded: SeededSite;

test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-site-'));
  history = await emptyHistory(join(folder, 'site.db'), 'master', 'origin');
  for (const [id, name] of [
    ['a', 'tokyo'],
    ['b', 'osaka'],
    ['c', 'berlin'],
  ] as const)
    addMirror(history, id, name);
});

test.afterEach(async () => {
  await engine.stop();
  history.store.close();
  rmSync(folder, { recursive: true });
});

const rows = (page: Page) => page.getByRole('treegrid', { name: 'Files and folders of the site' }).getByRole('row');
const level = (page: Page, name: string) => rows(page).filter({ hasText: name });

/** A small site of which something waits, fails, and is for nobody. */
function smallSite(): void {
  const site = addSite(history, 'www');
  const folders = ['assets', 'assets/css', 'news', 'empty', 'drafts'];
  const files = [
    'index.html',
    'about.html',
    'favicon.ico',
    'assets/css/site.css',
    'assets/logo.svg',
    'drafts/plan.txt',
    'news/2026-11-27-autumn-catalogue-with-a-very-long-name-that-does-not-fit.html',
    'news/2026-11-28-opening.html',
    '製品/案内.html',
  ];
  const head = addTree(history, site, { folders, files });
  for (const [index, path] of files.entries())
    addChange(history, site, {
      seq: folders.length + 1 + index,
      at: Date.now() - 60_000 * (files.length - index),
      path,
      deliveries: [
        { peer: 'a', state: 'published', after: 84 },
        { peer: 'b', state: path.startsWith('news/2026-11-28') ? 'failed' : 'published', after: 120 },
      ],
    });
  history.store.run(
    'UPDATE journal SET sha256 = (SELECT sha256 FROM entry e WHERE e.site = journal.site AND e.path = journal.path), mtime = at',
  );
  const link = 'INSERT INTO link (site, page, target, at) VALUES (?, ?, ?, ?)';
  history.store.run(link, site, 'index.html', 'assets/css/site.css', 0);
  history.store.run(link, site, 'index.html', 'no-such.html', 1);
  history.store.run(link, site, 'about.html', 'index.html', 0);
  const routes = [
    { glob: 'drafts/**', mirrors: [] },
    { glob: '**', mirrors: 'all' as const },
  ];
  const mirrors = [
    { id: 'a', publishedSeq: head },
    { id: 'b', publishedSeq: head - 2 },
    { id: 'c', publishedSeq: head - 2, connected: false },
  ];
  seeded = { site, head, routes, mirrors };
}

async function start(status = masterStatus(peers)): Promise<void> {
  engine = await startScriptedEngine(
    status,
    [],
    treeAnswers(history, () => seeded),
  );
}

/** As the mirrors of the small site stand. */
function uneven(): Status {
  return masterStatus([
    peer('tokyo'),
    peer('osaka', { inStep: false, waiting: 2, failing: 1 }),
    peer('berlin', { inStep: false, waiting: 2, connected: false, lastSeenAt: Date.now() - 43_000 }),
  ]);
}

test('a tree is opened by keys, and a file shows where it is and why it is not', async ({ open }) => {
  smallSite();
  await start();
  const page = await open(engine, { at: 'site' });
  await expect(rows(page)).toHaveText([
    /^assets.*in step$/,
    /^drafts.*in step$/,
    /^empty.*in step$/,
    /^news.*failing$/,
    /^製品.*away$/,
    /^about.html.*in step3 of 3$/,
    /^favicon.ico/,
    /^index.html/,
  ]);
  const grid = page.getByRole('treegrid');
  await grid.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await expect(level(page, 'logo.svg')).toHaveAttribute('aria-level', '2');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(level(page, 'site.css')).toHaveAttribute('aria-level', '3');
  await page.keyboard.press('ArrowLeft');
  await expect(level(page, 'site.css')).toHaveCount(0);
  // At once: on a slow machine the second key could come after the time in which it belongs to the first.
  await grid.evaluate((element) => {
    for (const key of 'ne') element.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  });
  await page.keyboard.press('Enter');
  await expect(level(page, '2026-11-28-opening.html')).toContainText('failing1 of 3');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary', { name: 'About news/2026-11-28-opening.html' });
  await expect(panel.getByRole('listitem').filter({ hasText: 'osaka' })).toContainText('There is no space left');
  await expect(panel.getByRole('listitem').filter({ hasText: 'berlin' })).toContainText('away');
  await page.screenshot({ path: join(pictures, 'site-failing.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  // What lies over the screen is closed first.
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(panel).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await expect(grid).toBeFocused();
  await level(page, 'drafts').click();
  await expect(level(page, 'plan.txt')).toContainText('for no mirror');
  await level(page, 'empty').click();
  await expect(page.getByText('This folder is empty.')).toBeVisible();
});

test('a file leads to what it links to, to its history, and back to an earlier version', async ({ open }) => {
  smallSite();
  addChange(history, seeded.site, { seq: 1, at: Date.now() - 86_400_000, path: 'index.html' });
  history.store.run('UPDATE journal SET sha256 = ?, mtime = at, size = 777 WHERE seq = 1', 'f'.repeat(64));
  history.store.run(
    'INSERT INTO version (site, sha256, size, kept_at) VALUES (?, ?, 777, 0)',
    seeded.site,
    'f'.repeat(64),
  );
  await start(uneven());
  const page = await open(engine, { at: 'site/index.html' });
  const panel = page.getByRole('complementary', { name: 'About index.html' });
  await expect(panel.getByRole('region', { name: 'Links to (2)' })).toContainText('no-such.htmlmissing');
  await expect(panel.getByRole('region', { name: 'Linked from (1)' })).toContainText('about.html');
  await expect(panel.getByRole('button', { name: 'Put back' })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'site-file.png') });
  await panel.getByRole('button', { name: 'Put back' }).click();
  const dialog = page.getByRole('dialog', { name: 'Put this version back?' });
  await expect(dialog).toContainText('777');
  await page.screenshot({ path: join(pictures, 'site-put-back.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Put back' }).click();
  await expect(panel.getByText('Put back.')).toBeVisible();
  expect(engine.calls).toEqual([{ name: 'version.restore', params: { site: 'www', path: 'index.html', seq: 1 } }]);
  await panel.getByRole('link', { name: 'assets/css/site.css' }).click();
  await expect(level(page, 'site.css')).toHaveAttribute('aria-selected', 'true');
  await page.getByRole('link', { name: 'See its full history' }).click();
  await expect(page.getByRole('searchbox', { name: 'Path' })).toHaveValue('/assets/css/site.css');
});

test('300,000 files: only what is seen is in the page, to the end of a folder of 50,000', async ({ open }) => {
  const { site, head } = addLargeTree(history);
  seeded = { site, head, mirrors: [{ id: 'a', publishedSeq: head }] };
  await start(masterStatus([peer('tokyo')]));
  const page = await open(engine, { at: 'site' });
  await level(page, 'flat').click();
  await expect(level(page, 'item-00000.html')).toBeVisible();
  const grid = page.getByRole('treegrid');
  const mostRows = await grid.evaluate(async (element) => {
    const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
    let most = 0;
    while (element.getAttribute('aria-rowcount') === '-1') {
      element.scrollTop = element.scrollHeight;
      await frame();
      most = Math.max(most, element.querySelectorAll('[role=row]').length);
    }
    return most;
  });
  expect(mostRows).toBeLessThan(100);
  await expect(grid).toHaveAttribute('aria-rowcount', '50002');
  await page.getByRole('searchbox', { name: 'Find files' }).fill('product-2499/photo-99');
  await expect(rows(page)).toHaveText([/^shop\/range-49\/product-2499\/photo-99.webp.*in step/]);
  await page.getByRole('searchbox', { name: 'Find files' }).fill('flat/*-49999.{html,css}');
  await expect(rows(page)).toHaveText([/^flat\/item-49999.html/]);
  await page.getByRole('searchbox', { name: 'Find files' }).fill('no such name');
  await expect(page.getByText('Nothing found.')).toBeVisible();
  await page.getByRole('searchbox', { name: 'Find files' }).fill('img/{');
  await expect(page.getByRole('searchbox', { name: 'Find files' })).toHaveAttribute('aria-invalid', 'true');
});

test('what changes is seen without a word; empty, at a mirror, in Japanese and dark, in a small window', async ({
  open,
}) => {
  const site = addSite(history, 'www');
  seeded = { site, head: 0, mirrors: [] };
  await start(masterStatus([]));
  const page = await open(engine, { at: 'site', locale: 'ja-JP', colorScheme: 'dark' });
  await expect(page.getByText('何もありません。')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'site-empty-ja-dark.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  const head = addTree(history, site, { files: ['index.html', '製品/案内.html'], folders: ['製品'] });
  seeded = { site, head, mirrors: [{ id: 'a', publishedSeq: 0 }] };
  engine.show(masterStatus([peer('tokyo', { inStep: false, waiting: 2 })]));
  const tree = page.getByRole('treegrid').getByRole('row');
  await expect(tree).toHaveText([/^製品.*転送中$/, /^index.html.*転送中1 台中 0 台$/]);
  await tree.nth(0).click();
  await tree.nth(2).click();
  await page.screenshot({ path: join(pictures, 'site-ja-dark.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  engine.show(mirrorStatus(peer('origin')));
  await expectFits(page, join(pictures, 'site'));
});
