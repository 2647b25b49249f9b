import { join } from 'node:path';
import type { HistoryRow, Status } from '../../shared/contract/status.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { expect, test } from '../support/console-page.ts';
import { type ScriptedEngine, startScriptedEngine } from '../support/scripted-engine.ts';
import { HEAD, masterStatus, mirrorStatus, peer, published, put } from '../support/statuses.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');
const mirrors = ['tokyo', 'osaka', 'berlin'];
const files = [
  'index.html',
  'news/2026/11/opening-hours.html',
  'assets/site.css',
  'images/team/the-whole-team-in-front-of-the-new-building-in-autumn-2026.jpg',
  'ja/お知らせ/新着情報.html',
  'downloads/catalogue-2026.pdf',
];

let engine: ScriptedEngine;
test.afterEach(() => engine.stop());

test('in step: says so at a glance, and what reached which mirror when', async ({ open }) => {
  engine = await startScriptedEngine(masterStatus(mirrors.map((name) => peer(name))), busyHour());
  const page = await open(engine);
  await expect(page.getByRole('heading', { name: 'All 3 mirrors are in step' })).toBeVisible();
  await expect(page.getByRole('row')).toHaveCount(31);
  await expect(page.getByRole('row', { name: /index\.html/ }).first()).toContainText('all 3 mirrors');
  await expect(page).toHaveURL(/\/$/);
  await page.screenshot({ path: join(pictures, 'in-step.png') });
  // Where nobody is needed one line says so, and no box stands empty beside the map.
  const calm = page.getByRole('region', { name: 'Needs attention' });
  await expect(calm).toContainText('Nothing. What is on its way arrives by itself.');
  for (const width of [1120, 1600]) {
    await page.setViewportSize({ width, height: 760 });
    expect((await calm.boundingBox())?.height).toBeLessThan(48);
  }
});

test('in trouble: who is behind, why, and what to do', async ({ open }) => {
  engine = await startScriptedEngine(trouble(), troubledHour());
  const page = await open(engine);
  await expect(page.getByRole('heading', { name: '1 of 3 mirrors is in step' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'berlin' }).first()).toContainText('cannot be fetched');
  await page.screenshot({ path: join(pictures, 'trouble.png') });
  // Below each other what needs a person stands before the map, and the keyboard comes to it before.
  await page.setViewportSize({ width: 1000, height: 700 });
  const top = async (name: string): Promise<number> =>
    (await page.getByRole('region', { name }).boundingBox())?.y ?? Number.NaN;
  expect(await top('Needs attention')).toBeLessThan(await top('Map'));
  await page.getByRole('button', { name: 'Try now' }).click();
  await expect.poll(() => engine.calls).toEqual([{ name: 'waiting.resolve', params: { id: '7', how: 'publish' } }]);
});

test('what waits for the rest of its group is not said to be on the way', async ({ open }) => {
  const error = { code: 'wait.group' as const, params: { group: 'front', missing: 'css/**' } };
  const id = 'www@tokyo:group:front';
  const held = {
    id,
    site: 'www',
    peer: 'tokyo',
    kind: 'group' as const,
    path: 'index.html',
    files: 2,
    error,
    since: 1,
  };
  const tokyo = peer('tokyo', { inStep: false, waiting: 2, publishedSeq: HEAD - 2 });
  engine = await startScriptedEngine(masterStatus([tokyo], { waiting: [held] }));
  const page = await open(engine);
  const row = page.getByRole('region', { name: 'Mirrors' }).getByRole('listitem');
  await expect(row).toContainText('2 changes wait for related files');
  await expect(row).not.toContainText('on the way');
});

test('of many mirrors those with something wrong are seen at once, and so is what needs a person', async ({ open }) => {
  const all = Array.from({ length: 200 }, (_, at) =>
    at < 198 ? peer(`m${at}`) : peer(`m${at}`, { inStep: false, waiting: 1, failing: 1, publishedSeq: HEAD - 1 }),
  );
  const error = { code: 'file.disk-full' as const, params: {} };
  const failing = { id: '7', site: 'www', peer: 'm199', kind: 'failing' as const, path: 'index.html', error, since: 1 };
  engine = await startScriptedEngine(masterStatus(all, { waiting: [failing] }), busyHour());
  const page = await open(engine);
  await expect(page.getByRole('heading', { name: '198 of 200 mirrors are in step' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Try now' })).toBeInViewport();
  const names = page.locator('.score-names > li');
  await expect(names).toHaveCount(11);
  await expect(names.nth(2)).toHaveText('m199');
  const rows = page.getByRole('region', { name: 'Mirrors' }).getByRole('listitem');
  await expect(rows).toHaveCount(10);
  await expect(rows.nth(1)).toContainText('1 change cannot be fetched');
  await page.screenshot({ path: join(pictures, 'many-mirrors.png') });
  await page.getByRole('button', { name: 'All 200 mirrors' }).click();
  await expect(names).toHaveCount(201);
  await rows.nth(1).getByRole('link', { name: 'm199' }).click();
  await expect(page.getByRole('heading', { name: 'm199 cannot take 1 change' })).toBeVisible();
  await page.goBack();
  await page.getByRole('link', { name: 'All 200 mirrors' }).click();
  await expect(page.getByRole('table', { name: 'Mirrors of the site' }).getByRole('row')).toHaveCount(201);
  await page.screenshot({ path: join(pictures, 'many-mirrors-map.png') });
});

test('a mirror follows its master', async ({ open }) => {
  engine = await startScriptedEngine(
    mirrorStatus(peer('origin')),
    busyHour().map((row) => ({ ...row, deliveries: row.deliveries.slice(1, 2) })),
  );
  const page = await open(engine, { colorScheme: 'dark' });
  await expect(page.getByRole('heading', { name: 'In step with origin' })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'mirror-dark.png') });
});

test('no mirrors yet: a pairing code, and what to do with it', async ({ open }) => {
  engine = await startScriptedEngine(masterStatus([]));
  const page = await open(engine);
  await page.getByRole('button', { name: 'Make a pairing code' }).click();
  await expect(page.getByRole('status', { name: 'Pairing code' })).toHaveText('LOCKSTEP-ABCD-EFGH');
  await page.screenshot({ path: join(pictures, 'no-mirrors.png') });
});

test('a change is seen as it happens', async ({ open }) => {
  engine = await startScriptedEngine(masterStatus([peer('tokyo')]));
  const page = await open(engine);
  await expect(page.getByText('Changes appear here')).toBeVisible();
  const behind = peer('tokyo', { inStep: false, waiting: 1, publishedSeq: HEAD - 1 });
  engine.show(masterStatus([behind]), [put(HEAD, 'live.html', Date.now(), [{ peer: 'tokyo', state: 'fetching' }])]);
  await expect(page.getByRole('heading', { name: 'The mirror is not in step' })).toBeVisible();
  await expect(page.getByRole('row', { name: /live\.html/ })).toContainText('working');
  engine.show(masterStatus([peer('tokyo')]), [
    put(HEAD, 'live.html', Date.now(), [published('tokyo', Date.now(), 84)]),
  ]);
  await expect(page.getByRole('heading', { name: 'The mirror is in step' })).toBeVisible();
  await expect(page.getByRole('row', { name: /live\.html/ })).toContainText('84 ms');
});

test('Japanese and dark, by the person’s choice, kept over a reload', async ({ open }) => {
  engine = await startScriptedEngine(trouble(), troubledHour());
  const page = await open(engine);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: '日本語' }).click();
  await page.getByRole('button', { name: 'ダーク' }).click();
  await page.getByRole('link', { name: '概要' }).click();
  await page.reload();
  await expect(page.getByRole('heading', { name: '3 台中 1 台のミラーが同期済みです' })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'trouble-ja-dark.png') });
});

test('an engine that went away is told from one that is well, and a page of an earlier start is not let in', async ({
  open,
}) => {
  engine = await startScriptedEngine(masterStatus(mirrors.map((name) => peer(name))), busyHour());
  const page = await open(engine);
  await expect(page.getByRole('heading', { name: 'All 3 mirrors are in step' })).toBeVisible();
  await engine.stop();
  await expect(page.getByText('What you see is what was known then')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'lost.png') });
  const stranger = await open({ url: 'about:blank' });
  engine = await startScriptedEngine(masterStatus([]));
  await stranger.goto(engine.url.replace(/token=.*/, `token=${'A'.repeat(43)}`));
  await expect(stranger.getByRole('heading', { name: 'This page has no access' })).toBeVisible();
});

test('it fits a small window', async ({ open }) => {
  engine = await startScriptedEngine(trouble(), troubledHour());
  const page = await open(engine);
  await page.setViewportSize({ width: 900, height: 600 });
  await expect(page.getByRole('heading', { name: '1 of 3 mirrors is in step' })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'small.png') });
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
});

function busyHour(): HistoryRow[] {
  const now = Date.now();
  return Array.from({ length: 30 }, (_, index) => {
    const at = now - 20_000 - index * 110_000 - (index % 5) * 17_000;
    const path = files[index % files.length] ?? '';
    const deliveries = mirrors.map((name, lane) => published(name, at, 60 + lane * 45 + (index % 7) * 900 * lane));
    return put(HEAD - index, path, at, deliveries);
  });
}

function trouble(): Status {
  const tokyo = peer('tokyo');
  const osaka = peer('osaka', {
    connected: false,
    inStep: false,
    waiting: 3,
    publishedSeq: HEAD - 3,
    lastSeenAt: Date.now() - 40_000,
    error: { code: 'link.timeout', params: {} },
  });
  const berlin = peer('berlin', { inStep: false, waiting: 2, failing: 2, publishedSeq: HEAD - 2 });
  const diskFull = { code: 'file.disk-full', params: {} } as const;
  return masterStatus([tokyo, osaka, berlin], {
    waiting: [
      {
        id: '7',
        site: 'www',
        kind: 'failing',
        path: 'downloads/catalogue-2026.pdf',
        error: diskFull,
        since: Date.now() - 14 * 60_000,
        nextAttemptAt: Date.now() + 90_000,
      },
      {
        id: '8',
        site: 'www',
        kind: 'delete-guard',
        error: { code: 'guard.held', params: {} },
        since: Date.now() - 65 * 60_000,
      },
    ],
  });
}

function troubledHour(): HistoryRow[] {
  return busyHour().map((row, index) => {
    if (index > 2) return row;
    const [tokyo] = row.deliveries;
    if (tokyo === undefined) return row;
    const osaka = { peer: 'osaka', state: 'queued' as const };
    const berlin = { peer: 'berlin', state: 'failed' as const, error: { code: 'file.disk-full' as const, params: {} } };
    return { ...row, deliveries: [tokyo, osaka, berlin] };
  });
}

test('of a file that was renamed the history shows what it is called now, also where there is little room', async ({
  open,
}) => {
  const at = Date.now();
  const renamed = {
    ...put(HEAD, 'downloads/recording-2026.bin', at, [published('tokyo', at, 84)]),
    op: 'rename' as const,
    from: 'downloads/recording.bin' as SitePath,
  };
  engine = await startScriptedEngine(masterStatus([peer('tokyo')]), [renamed], {
    'history.page': () => ({ rows: [{ ...renamed, id: `${at}.0.1` }], about: 1 }),
  });
  const page = await open(engine, { at: 'history' });
  const names = page.getByRole('grid', { name: 'Changes, the newest first' }).locator('.path-name');
  await expect(names).toHaveText(['recording.bin', 'recording-2026.bin']);
  await page.screenshot({ path: join(pictures, 'history-renamed.png') });
  const shown = await names.evaluateAll((all) =>
    all.map((name) => {
      const cell = name.closest('.path-cell')?.getBoundingClientRect();
      return Math.round(
        Math.min(name.getBoundingClientRect().right, cell?.right ?? 0) - name.getBoundingClientRect().left,
      );
    }),
  );
  // Some ten letters of each.
  expect(Math.min(...shown)).toBeGreaterThan(70);
});
