import { join } from 'node:path';
import type { HistoryRow } from '../../shared/contract/status.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { expect, expectFits, seriousTrouble, test } from '../support/console-page.ts';
import { type ScriptedEngine, startScriptedEngine } from '../support/scripted-engine.ts';
import { HEAD, masterStatus, peer, published, put } from '../support/statuses.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');
const mirrors = ['tokyo', 'osaka', 'berlin'];

let engine: ScriptedEngine;
test.afterEach(() => engine.stop());

test('keys go from change to change and from lane to lane, and say what is there; Enter opens it', async ({ open }) => {
  engine = await startScriptedEngine(masterStatus([peer('tokyo'), peer('osaka'), held()]), minute());
  const page = await open(engine);
  await page.getByRole('button', { name: 'Minute' }).click();
  const score = page.getByRole('application', { name: /^The score of the last minute/ });
  const said = score.getByRole('status');
  await score.focus();
  await page.keyboard.press('End');
  await expect(said).toContainText('news/story-0.html, put by editor');
  await page.keyboard.press('ArrowDown');
  await expect(said).toContainText('tokyo: visible after 100 ms');
  for (let lane = 0; lane < 2; lane += 1) await page.keyboard.press('ArrowDown');
  await expect(said).toContainText('berlin: held');
  await expect(said).toContainText('at 2 of 3 mirrors');
  await page.screenshot({ path: join(pictures, 'score-cursor.png') });
  await page.keyboard.press('ArrowLeft');
  await expect(said).toContainText('news/story-1.html');
  await page.keyboard.press('Escape');
  await expect(said).toBeEmpty();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#\/history\/-\/-\/news%2Fstory-0\.html$/);
});

test('what is told as it happens is seen at once; what is told again is not counted again; a gap asks anew', async ({
  open,
}) => {
  engine = await startScriptedEngine(masterStatus(mirrors.map((name) => peer(name))));
  const page = await open(engine);
  await expect(page.getByText('Nothing changed in the last hour.')).toBeVisible();
  const at = Date.now();
  const change = { op: 'put' as const, path: 'live.html' as SitePath, size: 10, by: 'editor' };
  engine.tell([{ site: 'www', changes: [{ ...change, seq: HEAD + 1, at }], peers: [] }]);
  const row = page.getByRole('row', { name: /live\.html/ });
  await expect(row).toBeVisible();
  const seen = { peer: 'tokyo', published: { seqs: [HEAD + 1], ats: [at + 84] }, states: [] };
  engine.tell([{ site: 'www', changes: [], peers: [seen] }]);
  engine.tell([{ site: 'www', changes: [], peers: [seen] }]);
  await expect(row).toContainText('after 84 ms');
  await page.getByRole('button', { name: 'Table' }).click();
  const machines = page.getByRole('table', { name: 'Machines in the score' });
  await expect(
    machines
      .getByRole('row', { name: /^tokyo/ })
      .getByRole('cell')
      .nth(1),
  ).toHaveText('1');
  expect(engine.snapshots).toBe(1);
  expect(await seriousTrouble(page)).toEqual([]);

  engine.show(masterStatus(mirrors.map((name) => peer(name))), [put(HEAD + 9, 'missed.html', Date.now(), [])]);
  await expect(page.getByRole('row', { name: /missed\.html/ }).first()).toBeVisible();
  expect(engine.snapshots).toBe(2);
});

test('at the smallest window, with motion reduced, in Japanese and dark', async ({ open }) => {
  engine = await startScriptedEngine(masterStatus([peer('tokyo'), peer('osaka'), held()]), minute());
  const page = await open(engine, { locale: 'ja-JP', colorScheme: 'dark' });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.getByRole('button', { name: '1 分' }).click();
  await expectFits(page, join(pictures, 'score'), () => expect(page.getByRole('application')).toBeVisible());
  expect(await seriousTrouble(page)).toEqual([]);
});

function held(): ReturnType<typeof peer> {
  return peer('berlin', { inStep: false, waiting: 1, held: 1, publishedSeq: HEAD - 1 });
}

function minute(): HistoryRow[] {
  const now = Date.now();
  return Array.from({ length: 8 }, (_, index) => {
    const at = now - 2000 - index * 6000;
    const deliveries = mirrors.map((name, lane) => published(name, at, 100 * (lane + 1)));
    if (index === 0)
      deliveries[2] = { peer: 'berlin', state: 'held', error: { code: 'wait.group', params: { group: 'front' } } };
    return put(HEAD - index, `news/story-${index}.html`, at, deliveries);
  });
}
