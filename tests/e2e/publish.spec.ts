import { join } from 'node:path';
import { expect, expectFits, seriousTrouble } from '../support/console-page.ts';
import { halfway, review, test, threePeers } from '../support/publish-page.ts';
import { HEAD, masterStatus, peer } from '../support/statuses.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');

const asked = { to: { kind: 'site', site: 'www' }, sources: ['/srv/build/dist'], delete: false };

test('a folder is looked at, published under a name, seen arriving, and undone', async ({ open, start }) => {
  const publishing = await start();
  const page = await open(publishing.engine);
  await page.getByRole('link', { name: 'Publish' }).click();
  await page.screenshot({ path: join(pictures, 'publish-empty.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await review(page);
  await expect(page.getByLabel('Name of this release')).toBeFocused();
  await expect(page.getByText('24 new')).toBeVisible();
  await expect(page.getByText('1,240 files are already the same')).toBeVisible();
  await expect(page.getByText('48.3 MB to send')).toBeVisible();
  const listed = page.getByRole('group', { name: 'Files, and what would happen to them' }).getByRole('listitem');
  await expect(listed.filter({ hasText: 'index.html' })).toContainText('4.8 kB');
  // A folder has no size of its own.
  await expect(listed.nth(10)).toHaveText('+newimages/products');
  await expect(page.getByLabel('Name of this release')).toHaveValue('dist');
  await page.getByLabel('Name of this release').fill('Autumn catalogue');
  await page.screenshot({ path: join(pictures, 'publish-review.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: 'Publish 33 changes' }).click();
  await expect(page.getByRole('heading', { name: '“Autumn catalogue” to www' })).toBeVisible();
  publishing.advance(halfway);
  await expect(page.getByText('12 of 33 files')).toBeVisible();
  await expect(page.getByText('about 8 s left')).toBeVisible();
  await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '44');
  await page.screenshot({ path: join(pictures, 'publish-sending.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  publishing.finish();
  await expect(page.getByRole('heading', { name: '0 of 3 mirrors have it' })).toBeVisible();
  publishing.arrive(['tokyo'], 300);
  publishing.engine.show(masterStatus(threePeers));
  await expect(page.getByRole('heading', { name: '1 of 3 mirrors have it' })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'publish-progress.png') });

  // Another screen does not end it.
  await page.getByRole('link', { name: 'History' }).click();
  publishing.arrive(['tokyo', 'osaka', 'berlin'], 900);
  publishing.engine.show(masterStatus(threePeers));
  await page.getByRole('link', { name: 'Publish' }).click();
  await expect(page.getByRole('heading', { name: 'All 3 mirrors have it · 1.2 s' })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'publish-done.png') });
  expect(await seriousTrouble(page)).toEqual([]);

  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Put it back' }).click();
  await expect(page.getByText('Undone: Rollback of Autumn catalogue')).toBeVisible();
  expect(publishing.engine.calls).toEqual([
    { name: 'publish.plan', params: asked },
    { name: 'publish.start', params: { ...asked, name: 'Autumn catalogue', allowDeletes: false } },
    { name: 'release.rollback', params: { site: 'www', release: HEAD + 33, force: false } },
  ]);
});

test('deletes are shown before, and many are asked for once more', async ({ open, start }) => {
  const publishing = await start();
  const page = await open(publishing.engine);
  await review(page);
  await page.getByLabel('Delete what this folder does not have').check();
  await expect(page.getByText('900 deleted')).toBeVisible();
  await page.getByRole('button', { name: 'Publish 933 changes' }).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  publishing.advance({ state: { is: 'stopped', error: { code: 'guard.held', params: { count: 900, of: 1274 } } } });
  await expect(page.getByRole('alert')).toContainText('This deletes 900 of 1,274 files.');
  await page.screenshot({ path: join(pictures, 'publish-deletes.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: 'Publish, and delete 900 files' }).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  expect(publishing.engine.calls.at(-1)).toEqual({
    name: 'publish.resume',
    params: { job: 'job-1', allowDeletes: true },
  });
});

test('a drop that stopped says why and goes on; a page that is loaded anew finds it; it is cancelled', async ({
  open,
  start,
}) => {
  const publishing = await start();
  const page = await open(publishing.engine);
  await review(page);
  await page.getByLabel('Name of this release').fill('  ');
  await page.getByRole('button', { name: 'Publish 33 changes' }).click();
  await expect(page.getByRole('alert')).toContainText('A release needs a name');
  await page.getByLabel('Name of this release').fill('dist');
  await page.getByRole('button', { name: 'Publish 33 changes' }).click();
  await expect(page.getByRole('heading', { name: '“dist” to www' })).toBeVisible();
  publishing.advance({
    ...halfway,
    state: {
      is: 'retrying',
      attempt: 2,
      at: Date.now() + 4_000,
      error: { code: 'publish.lost', params: { path: 'images/products/photo-13.webp', reason: 'ECONNRESET' } },
    },
  });
  await expect(page.getByText('The connection was lost while “images/products/photo-13.webp” was sent')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'publish-retrying.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  const error = { code: 'publish.no-room', params: { path: 'big.iso', reply: '452 No space left' } } as const;
  publishing.advance({ state: { is: 'stopped', error } });
  await page.reload();
  // On the overview, which the page begins with here, a count says so.
  await page.getByRole('link', { name: 'Publish 1 needs attention' }).click();
  await expect(page.getByRole('alert')).toContainText('The server has no room for “big.iso”');
  await page.screenshot({ path: join(pictures, 'publish-stopped.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Publish', exact: true })).toBeVisible();
  // Another drop is looked at meanwhile; the one that runs stands above it.
  await page.getByRole('button', { name: 'Publish something else' }).click();
  await expect(page.getByRole('list', { name: 'Drops under way' })).toContainText('“dist” to www');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('button', { name: 'Cancel this drop' }).click();
  await expect(page.getByRole('heading', { name: 'This drop was cancelled. None of it was published.' })).toBeVisible();
});

test('in Japanese and dark, with a mirror that is away', async ({ open, start }) => {
  const away = peer('berlin', { connected: false, inStep: false, waiting: 33, lastSeenAt: Date.now() - 40_000 });
  const publishing = await start([peer('tokyo'), peer('osaka'), away]);
  const page = await open(publishing.engine, { locale: 'ja-JP', colorScheme: 'dark' });
  await page.getByRole('link', { name: '公開' }).first().click();
  await page.getByLabel('origin のフォルダー').fill('/srv/build/dist');
  await page.getByRole('button', { name: '変更点を見る' }).click();
  await expect(page.getByText('復帰後に届きます')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'publish-review-ja-dark.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: '33 件の変更を公開' }).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  publishing.advance(halfway);
  await expect(page.getByText('33 ファイル中 12')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'publish-sending-ja-dark.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  publishing.finish();
  publishing.arrive(['tokyo', 'osaka'], 84);
  publishing.engine.show(masterStatus([peer('tokyo'), peer('osaka'), away]));
  await expect(page.getByRole('heading', { name: '3 台中 2 台に届きました' })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'publish-progress-ja-dark.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await expectFits(page, join(pictures, 'publish'));
});
