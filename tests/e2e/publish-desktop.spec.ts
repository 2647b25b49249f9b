import { mkdirSync, readdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, launch, test } from '../support/desktop-app.ts';
import { goToOverview, pairingCode, startAsMaster, startAsMirror } from '../support/first-start-page.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');
const FILES = 200;

test('a folder of 200 files is dropped onto the app, reviewed, published, seen arriving at a mirror, and undone', async ({
  window,
  home,
}) => {
  const [site, copy, build] = [join(home, 'site'), join(home, 'copy'), join(home, 'build')];
  for (const folder of [site, copy, build, join(build, 'news')]) mkdirSync(folder);
  writeFileSync(join(site, 'index.html'), 'old');
  writeFileSync(join(build, 'index.html'), 'new');
  for (let file = 1; file < FILES; file += 1) writeFileSync(join(build, 'news', `story-${file}.html`), `story ${file}`);

  await startAsMaster(window, { root: site, name: 'origin' });
  const code = await pairingCode(window);
  await goToOverview(window);
  const mirror = await launch(join(home, 'mirror'));
  const mirrorWindow = await mirror.firstWindow();
  await startAsMirror(mirrorWindow, { code, root: copy, name: 'tokyo' });
  await expect(window.getByRole('heading', { name: 'The mirror is in step' })).toBeVisible();

  await window.getByRole('link', { name: 'Publish' }).click();
  await expect(window.getByText('Drop files or a folder here')).toBeVisible();
  await window.screenshot({ path: join(pictures, 'publish-desktop.png') });
  await drop(window, [build]);
  await expect(window.getByText('200 new')).toBeVisible();
  await expect(window.getByText('1 changed')).toBeVisible();
  expect(readdirSync(site)).not.toContain('news');
  await window.getByRole('button', { name: 'Publish 201 changes' }).click();
  await expect(window.getByRole('heading', { name: /^The mirror has it · / })).toBeVisible();
  await window.screenshot({ path: join(pictures, 'publish-desktop-done.png') });
  expect(readdirSync(join(copy, 'news'))).toHaveLength(FILES - 1);
  expect(readFileSync(join(copy, 'index.html'), 'utf8')).toBe('new');

  await window.getByRole('button', { name: 'Undo' }).click();
  await window.getByRole('button', { name: 'Put it back' }).click();
  await expect(window.getByText('Undone:')).toBeVisible();
  await expect(window.getByRole('heading', { name: /^The mirror has it · / })).toBeVisible();
  expect(readFileSync(join(copy, 'index.html'), 'utf8')).toBe('old');
  expect(readdirSync(copy)).not.toContain('news');

  // Single files, also of different folders.
  await window.getByRole('button', { name: 'Publish something else' }).click();
  await drop(window, [join(build, 'index.html'), join(build, 'news', 'story-1.html')]);
  await expect(window.getByText('1 new')).toBeVisible();
  await expect(window.getByText('1 changed')).toBeVisible();
  await expect(window.getByLabel('Name of this release')).toHaveValue('index.html +1');

  // A large one is cancelled while it is sent: nothing of it is left, here or at the mirror.
  const large = join(home, 'large.iso');
  writeFileSync(large, '');
  truncateSync(large, 2 ** 34);
  await drop(window, [large]);
  await expect(window.getByLabel('Name of this release')).toHaveValue('large.iso');
  await window.getByRole('button', { name: 'Publish 1 change' }).click();
  await expect(window.getByRole('progressbar')).toBeVisible();
  // It goes on behind another screen, and is found again.
  await window.getByRole('link', { name: 'History' }).click();
  await window.getByRole('link', { name: 'Publish' }).click();
  await window.screenshot({ path: join(pictures, 'publish-desktop-sending.png') });
  await window.getByRole('button', { name: 'Cancel this drop' }).click();
  await expect(window.getByRole('heading', { name: 'This drop was cancelled.' })).toBeVisible();
  expect(readdirSync(site)).not.toContain('large.iso');
  expect(readdirSync(copy)).not.toContain('large.iso');

  // What is not there any more is said before anything begins; when it is back, it can be published.
  const late = join(home, 'late.txt');
  writeFileSync(late, 'late');
  await drop(window, [late]);
  await expect(window.getByLabel('Name of this release')).toHaveValue('late.txt');
  renameSync(late, `${late}.away`);
  await window.getByRole('button', { name: 'Publish 1 change' }).click();
  await expect(window.getByRole('alert')).toContainText('is not there');
  renameSync(`${late}.away`, late);
  await window.getByRole('button', { name: 'Publish 1 change' }).click();
  await expect(window.getByRole('heading', { name: /^The mirror has it · / })).toBeVisible();
  expect(readFileSync(join(copy, 'late.txt'), 'utf8')).toBe('late');
  // On any other screen too, and where what is below the pointer changes in that moment.
  await window.getByRole('link', { name: 'History' }).click();
  await expect(window.getByRole('heading', { name: 'History', exact: true })).toBeVisible();
  const cover = await window.evaluateHandle(() => {
    const cover = document.createElement('div');
    cover.style.cssText = 'position: fixed; inset: 0';
    return document.body.appendChild(cover);
  });
  await drop(window, [join(build, 'index.html')], () => cover.evaluate((element) => element.remove()));
  await expect(window.getByRole('heading', { name: 'What would change' })).toBeVisible();
  await expect(window.getByText('1 changed')).toBeVisible();
  await mirror.close();
});

/** As the system does it: the page is given files, and who asks the desktop their paths. */
async function drop(window: Page, files: string[], before?: () => Promise<void>): Promise<void> {
  const session = await window.context().newCDPSession(window);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    if (type === 'drop') await before?.();
    await session.send('Input.dispatchDragEvent', { type, x: 600, y: 300, data });
  }
  await session.detach();
}
