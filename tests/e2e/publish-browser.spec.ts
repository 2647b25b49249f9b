import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Page } from '@playwright/test';
import { SENT_PART_BYTES } from '../../shared/contract/sent-files.ts';
import { expect, expectFits, seriousTrouble } from '../support/console-page.ts';
import { type Pair, test } from '../support/real-pair.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');

/** More than one part. */
const LARGE = Buffer.alloc(3 * SENT_PART_BYTES + 123, 'large');

function write(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** What the engine keeps of files that a browser has sent. */
function kept({ master }: Pair): string[] {
  const folder = join(master.dataDir, 'sent');
  return existsSync(folder) ? readdirSync(folder) : [];
}

async function openPublish(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Publish' }).click();
  await expect(page.getByText('Drop files or a folder here')).toBeVisible();
}

test('a folder that is chosen in a browser is sent, reviewed, and published', async ({ pair, open }) => {
  test.slow();
  const { home, copy, master } = pair;
  const folder = join(home, 'build');
  write(folder, {
    'index.html': '<!doctype html><a href="news/写真.html">',
    'news/写真.html': 'news',
    'a b/#1?.txt': 'odd',
    'empty.txt': '',
    'large.bin': LARGE,
    '.git/config': 'secret',
  });
  const page = await open(pair.console);
  await openPublish(page);
  await page.screenshot({ path: join(pictures, 'publish-browser.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await expectFits(page, join(pictures, 'publish-browser'));
  await page.getByLabel('Choose a folder…').setInputFiles(folder);
  await expect(page.getByText('From this browser')).toBeVisible();
  await expect(page.getByText('build/.git is left out: a site cannot have it.')).toBeVisible();
  await expect(page.getByText('7 new')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'publish-browser-review.png') });
  expect(kept(pair)).toHaveLength(1);
  await page.getByRole('button', { name: /^Publish \d+ changes$/ }).click();
  await expect(page.getByRole('heading', { name: /has it/ })).toBeVisible();

  await master.lockstep('wait', '--timeout', '2m');
  expect(readFileSync(join(copy, 'large.bin')).equals(LARGE)).toBe(true);
  expect(readFileSync(join(copy, 'a b', '#1?.txt'), 'utf8')).toBe('odd');
  expect(readFileSync(join(copy, 'news', '写真.html'), 'utf8')).toBe('news');
  expect(readFileSync(join(copy, 'empty.txt'), 'utf8')).toBe('');
  expect(existsSync(join(copy, '.git'))).toBe(false);
  await expect.poll(() => kept(pair)).toEqual([]);
});

test('a file that is dropped on a browser is sent; what is cancelled is not kept', async ({ pair, open }) => {
  test.slow();
  const { copy, master } = pair;
  const page = await open(pair.console);
  await openPublish(page);
  await drop(page, 'not-this.html');
  await expect(page.getByText('1 new')).toBeVisible();
  expect(kept(pair)).toHaveLength(1);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => kept(pair)).toEqual([]);

  await page.getByRole('link', { name: 'Overview' }).click();
  await expect(page).toHaveTitle(/^Overview/);
  await drop(page, 'page.html');
  await page.getByRole('button', { name: 'Publish 1 change' }).click();
  await expect(page.getByRole('heading', { name: /has it/ })).toBeVisible();
  await master.lockstep('wait', '--timeout', '2m');
  expect(readFileSync(join(copy, 'page.html'), 'utf8')).toBe('dropped');
});

test('a file that is dropped while the screen changes is shown all the same', async ({ pair, open }) => {
  const page = await open(pair.console);
  await openPublish(page);
  await drop(page, 'page.html', '#/overview');
  await expect(page.getByRole('button', { name: 'Publish 1 change' })).toBeVisible();
  await expect(page.getByRole('heading', { level: 1, name: 'Publish' })).toBeVisible();
});

/** On the heading of the screen; `towards`: where the address leads by then, which the screen does not know yet. */
async function drop(page: Page, name: string, towards?: string): Promise<void> {
  await page.evaluate(
    ({ name, towards }) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['dropped'], name));
      if (towards !== undefined) location.hash = towards;
      document
        .querySelector('h1')
        ?.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    },
    { name, towards },
  );
}

/** As the system's file manager does it. */
async function dropFromOutside(page: Page, files: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: 640, y: 400, data });
  await session.detach();
}

test('a folder that is dropped on a browser is read with all that is in it', async ({ pair, open }) => {
  test.slow();
  const { home, copy, master } = pair;
  const folder = join(home, 'dropped');
  const many = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`log/day-${index}.html`, `${index}`]));
  write(folder, { 'index.html': 'dropped', '.git/HEAD': 'secret', 'lib/.git/HEAD': 'secret', ...many });
  mkdirSync(join(folder, 'nothing', 'in it'), { recursive: true });
  const page = await open(pair.console);
  await openPublish(page);
  await dropFromOutside(page, [folder]);
  await expect(page.getByText('2 are left out because a site cannot have them: dropped/.git …')).toBeVisible();
  await expect(page.getByLabel('Delete what this folder does not have')).toBeVisible();
  await page.getByRole('button', { name: /^Publish \d+ changes$/ }).click();
  await expect(page.getByRole('heading', { name: /has it/ })).toBeVisible();
  await master.lockstep('wait', '--timeout', '2m');
  expect(
    readdirSync(copy)
      .filter((name) => name !== '.lockstep')
      .sort(),
  ).toEqual(['index.html', 'log', 'nothing']);
  expect(readdirSync(join(copy, 'log'))).toHaveLength(250);
  expect(readdirSync(join(copy, 'nothing'))).toEqual(['in it']);
});

test('what cannot be sent is said, and nothing of it is kept', async ({ pair, open }) => {
  test.slow();
  const page = await open(pair.console);
  await openPublish(page);
  await page.route('**/api/sent/**', (route) =>
    route.request().method() === 'PUT'
      ? route.fulfill({ json: { ok: false, error: { code: 'file.disk-full', params: {} } } })
      : route.continue(),
  );
  await page.getByLabel('Choose files…').setInputFiles([{ name: 'a.txt', mimeType: 'text/plain', buffer: LARGE }]);
  await expect(page.getByRole('alert')).toContainText('There is no space left');
  expect(kept(pair)).toEqual([]);
});
