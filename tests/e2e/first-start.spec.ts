import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, launch, test } from '../support/desktop-app.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');

test('a master is working after its first start, and is there again after the second', async ({
  app,
  window,
  home,
}) => {
  const site = join(home, 'site');
  mkdirSync(site);
  await expect(window.getByRole('heading', { name: 'What is this machine to be?' })).toBeVisible();
  await app.evaluate(({ dialog }, folder) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [folder] });
  }, site);
  await window.getByRole('button', { name: 'Choose…' }).click();
  await expect(window.getByLabel('Folder of the site')).toHaveValue(site);
  await window.getByLabel('Name of this machine').fill('origin');
  await window.screenshot({ path: join(pictures, 'first-start.png') });
  await window.getByRole('button', { name: 'Start' }).click();

  await expect(window.getByRole('heading', { name: 'No mirrors yet' })).toBeVisible();
  await expect(window.getByRole('complementary')).toContainText('origin');
  await window.getByRole('button', { name: 'Make a pairing code' }).click();
  await expect(window.getByRole('status', { name: 'Pairing code' })).not.toBeEmpty();
  await app.close();

  const again = await launch(home);
  await expect((await again.firstWindow()).getByRole('complementary')).toContainText('origin');
  await again.close();
});

test('what cannot be is refused with a sentence, and can be mended', async ({ window, home }) => {
  await window.getByLabel('Folder of the site').fill(join(home, 'missing'));
  await window.getByLabel('Name of this machine').fill('not a name');
  await window.getByRole('button', { name: 'Start' }).click();
  await expect(window.getByRole('alert')).toContainText('call.invalid');
});
