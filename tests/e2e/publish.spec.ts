import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { CallParams } from '../../shared/contract/calls.ts';
import type { FolderPlan, Release } from '../../shared/contract/releases.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { expect, seriousTrouble, test } from '../support/console-page.ts';
import { type ScriptedEngine, startScriptedEngine } from '../support/scripted-engine.ts';
import { HEAD, masterStatus, peer } from '../support/statuses.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');

type Order = CallParams<'release.publish'>;

let engine: ScriptedEngine;
let releases: Release[];
let plan: FolderPlan;

test.beforeEach(() => {
  releases = [];
  plan = {
    new: paths(24, (index) => `images/products/photo-${index + 1}.webp`),
    changed: paths(9, (index) => (index === 0 ? 'index.html' : `news/story-${index}.html`)),
    unchanged: 1240,
    deleted: [],
    refused: [{ path: 'node_modules', error: { code: 'path.link', params: { path: 'node_modules' } } }],
  };
});

test.afterEach(() => engine.stop());

const three = [peer('tokyo'), peer('osaka'), peer('berlin')];

/** An engine that has the plan, and makes a release of it. */
async function start(peers = three): Promise<void> {
  const release = (id: number, name: string, extra: Partial<Release> = {}): Release => {
    const made = { site: 'www', id, name, at: Date.now(), by: 'local', changes: 33, ...extra };
    return { ...made, peers: peers.map((each) => ({ peer: each.name })) };
  };
  engine = await startScriptedEngine(masterStatus(peers), [], {
    'release.publish': (order: Order) => {
      if (order.folder === '/nothing/there') throw new AppError('file.not-found', { path: order.folder });
      if (order.delete === true && order.dryRun !== true && order.allowDeletes !== true)
        throw new AppError('guard.held', { count: 900, of: 1274 });
      const found = { ...plan, deleted: order.delete === true ? paths(900, (index) => `old/${index}.html`) : [] };
      if (order.dryRun === true) return { plan: found };
      releases = [release(HEAD + 33, order.name)];
      return { plan: found, release: releases[0] };
    },
    'release.rollback': ({ release: id }: CallParams<'release.rollback'>) => {
      const back = release(HEAD + 66, `Rollback of ${releases[0]?.name ?? ''}`, { reverts: id });
      releases = [back, ...releases];
      return back;
    },
    'release.list': () => releases,
  });
}

async function review(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Publish' }).click();
  await page.getByLabel('Folder on origin').fill('/srv/build/dist');
  await page.getByRole('button', { name: 'See what would change' }).click();
  await expect(page.getByRole('heading', { name: 'What would change' })).toBeVisible();
}

/** What a mirror reports: it shows the release since then. */
function arrive(mirrors: readonly string[], after: number): void {
  const [first, ...others] = releases;
  if (!first) throw new Error('nothing was published');
  const peers = first.peers.map((each, index) =>
    mirrors.includes(each.peer) ? { ...each, publishedAt: first.at + after + index * 150 } : each,
  );
  const times = peers.flatMap(({ publishedAt }) => publishedAt ?? []);
  const all = times.length === peers.length;
  const done = { convergedMillis: Math.max(...times) - first.at, skewMillis: Math.max(...times) - Math.min(...times) };
  releases = [{ ...first, peers, ...(all ? done : {}) }, ...others];
}

test('a folder is looked at, published under a name, seen arriving, and undone', async ({ open }) => {
  await start();
  const page = await open(engine);
  await page.getByRole('link', { name: 'Publish' }).click();
  await page.screenshot({ path: join(pictures, 'publish-empty.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await review(page);
  await expect(page.getByText('24 new')).toBeVisible();
  await expect(page.getByText('1,240 files are the same already')).toBeVisible();
  await expect(page.getByLabel('Name of this release')).toHaveValue('dist');
  await page.getByLabel('Name of this release').fill('Autumn catalogue');
  await page.screenshot({ path: join(pictures, 'publish-review.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: 'Publish 33 changes' }).click();
  await expect(page.getByRole('heading', { name: '0 of 3 mirrors have it' })).toBeVisible();
  arrive(['tokyo'], 300);
  engine.show(masterStatus(three));
  await expect(page.getByRole('heading', { name: '1 of 3 mirrors have it' })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'publish-progress.png') });

  // Another screen does not end it.
  await page.getByRole('link', { name: 'History' }).click();
  arrive(['tokyo', 'osaka', 'berlin'], 900);
  engine.show(masterStatus(three));
  await page.getByRole('link', { name: 'Publish' }).click();
  await expect(page.getByRole('heading', { name: 'All 3 mirrors have it · 1.2 s' })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'publish-done.png') });
  expect(await seriousTrouble(page)).toEqual([]);

  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Put it back' }).click();
  await expect(page.getByText('Undone: Rollback of Autumn catalogue')).toBeVisible();
  expect(engine.calls.filter(({ name }) => name.startsWith('release.'))).toEqual([
    published({ dryRun: true, name: 'dist' }),
    published({ name: 'Autumn catalogue' }),
    { name: 'release.rollback', params: { site: 'www', release: HEAD + 33, force: false } },
  ]);
});

test('deletes are shown before, and many are asked for once more', async ({ open }) => {
  await start();
  const page = await open(engine);
  await review(page);
  await page.getByLabel('Delete what the folder does not have').check();
  await expect(page.getByText('900 deleted')).toBeVisible();
  await page.getByRole('button', { name: 'Publish 933 changes' }).click();
  await expect(page.getByRole('alert')).toContainText('This deletes 900 of 1,274 files.');
  await page.screenshot({ path: join(pictures, 'publish-deletes.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: 'Publish, and delete 900 files' }).click();
  await expect(page.getByRole('heading', { name: '0 of 3 mirrors have it' })).toBeVisible();
  expect(engine.calls.at(-1)).toEqual(published({ name: 'dist', delete: true, allowDeletes: true }));
});

test('a folder that is not there is a sentence, and a drop in a browser says what to do instead', async ({ open }) => {
  await start();
  const page = await open(engine);
  await page.getByRole('link', { name: 'Publish' }).click();
  await page.getByLabel('Folder on origin').fill('/nothing/there');
  await page.getByRole('button', { name: 'See what would change' }).click();
  await expect(page.getByRole('alert')).toContainText('file.not-found');
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['x'], 'index.html'));
    return transfer;
  });
  await page.getByRole('heading', { name: 'Publish' }).dispatchEvent('drop', { dataTransfer: data });
  await expect(page.getByText('A browser does not say where a dropped file lies.').first()).toBeVisible();
});

test('in Japanese and dark, with a mirror that is away', async ({ open }) => {
  const away = peer('berlin', { connected: false, inStep: false, waiting: 33, lastSeenAt: Date.now() - 40_000 });
  await start([peer('tokyo'), peer('osaka'), away]);
  const page = await open(engine, { locale: 'ja-JP', colorScheme: 'dark' });
  await page.getByRole('link', { name: '公開' }).first().click();
  await page.getByLabel('origin のフォルダー').fill('/srv/build/dist');
  await page.getByRole('button', { name: '変更点を見る' }).click();
  await expect(page.getByText('復帰後に届きます')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'publish-review-ja-dark.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: '33 件の変更を公開' }).click();
  arrive(['tokyo', 'osaka'], 84);
  engine.show(masterStatus([peer('tokyo'), peer('osaka'), away]));
  await expect(page.getByRole('heading', { name: '3 台中 2 台に届きました' })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'publish-progress-ja-dark.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  // The smallest window, and that of 1,120 by 760 at 200 %.
  for (const [width, height] of [
    [900, 600],
    [560, 380],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: join(pictures, `publish-${width}.png`) });
    const overflow = await page.evaluate(() => {
      const content = document.querySelector('main') ?? document.body;
      return content.scrollWidth - content.clientWidth;
    });
    expect(overflow).toBe(0);
  }
});

const asked = { site: 'www', folder: '/srv/build/dist', delete: false, allowDeletes: false, dryRun: false };

function published(params: Partial<Order>): { name: string; params: unknown } {
  return { name: 'release.publish', params: { ...asked, ...params } };
}

function paths(count: number, name: (index: number) => string): SitePath[] {
  return Array.from({ length: count }, (_, index) => name(index) as SitePath);
}
