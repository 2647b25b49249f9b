import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { put } from '../../electron/entry/demo/publisher.ts';
import { expect } from '../support/console-page.ts';
import { test } from '../support/real-pair.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');

test('a group made in the app waits for its files, and is let go of by hand', async ({ pair, open }) => {
  const { client, copy } = pair;
  const page = await open(pair.console, { at: 'together/groups' });
  await page.getByRole('button', { name: 'New group' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Name').fill('front');
  await form.getByRole('textbox', { name: 'Files' }).fill('index.html\nsite.css');
  await form.getByLabel('Waits at most').fill('');
  await form.getByRole('button', { name: 'Make the group' }).click();
  const card = page.getByRole('listitem', { name: 'front' });
  await expect(card).toContainText('There is no time limit.');

  await put(client, 'index.html', Buffer.from('<p>one'));
  await expect(card).toContainText('tokyo1 of 2 is here, waiting for site.css');
  await page.screenshot({ path: join(pictures, 'real-group-waits.png') });
  expect(existsSync(join(copy, 'index.html'))).toBe(false);
  await put(client, 'site.css', Buffer.from('p{}'));
  await expect(card).toContainText('Nothing in it is waiting.');
  await expect.poll(() => read(copy, 'index.html')).toBe('<p>one');

  await put(client, 'index.html', Buffer.from('<p>two'));
  await page.getByRole('link', { name: 'Waiting', exact: true }).click();
  const item = page.getByRole('listitem').filter({ hasText: 'Group “front”' });
  await item.getByRole('button', { name: 'Publish now' }).click();
  await expect(page.getByRole('heading', { name: 'Nothing is waiting' })).toBeVisible();
  await expect.poll(() => read(copy, 'index.html')).toBe('<p>two');
});

test('links of a page are seen, and one that leads nowhere', async ({ pair, open }) => {
  await put(pair.client, 'style.css', Buffer.from('p{}'));
  await put(pair.client, 'page.html', Buffer.from('<link rel=stylesheet href=style.css><img src=nowhere.png>'));
  const page = await open(pair.console, { at: 'together/links' });
  await expect(page.getByRole('row', { name: /nowhere\.png/ })).toContainText('missing');
  await expect(page.getByRole('row', { name: /style\.css/ })).toContainText('found in the page');
  await page.getByRole('link', { name: 'Waiting', exact: true }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'page.html' })).toContainText('appears as it is in');
  await page.getByRole('button', { name: 'Give up…' }).click();
  await page.getByRole('button', { name: 'Give up', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Nothing is waiting' })).toBeVisible();
  expect(existsSync(join(pair.copy, 'page.html'))).toBe(false);
});

test('a release is seen to arrive, and is rolled back', async ({ pair, open }) => {
  const { master, home, copy, client } = pair;
  await put(client, 'index.html', Buffer.from('<p>winter'));
  const dist = join(home, 'dist');
  mkdirSync(dist);
  writeFileSync(join(dist, 'index.html'), '<p>spring');
  writeFileSync(join(dist, 'new.html'), '<p>new');
  await master.lockstep('release', 'publish', dist, '--name', 'Spring');
  const page = await open(pair.console, { at: 'together/releases' });
  const row = page.getByRole('link', { name: /^Spring/ });
  await expect(row).toContainText('The mirror has it');
  expect(read(copy, 'index.html')).toBe('<p>spring');

  await row.click();
  await expect(page.getByRole('row', { name: /new\.html/ })).toContainText('new');
  await page.screenshot({ path: join(pictures, 'real-release.png') });
  await page.getByRole('button', { name: 'Roll back…' }).click();
  await expect(page.getByRole('dialog')).toContainText('Removes 1 file that it added');
  await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
  await expect(page.getByRole('link', { name: 'rolls back an earlier release' })).toBeVisible();
  await expect(page.getByText('The mirror has it')).toBeVisible();
  expect([read(copy, 'index.html'), existsSync(join(copy, 'new.html'))]).toEqual(['<p>winter', false]);
});

function read(folder: string, name: string): string {
  return existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '';
}
