import { join } from 'node:path';
import { put } from '../../electron/entry/demo/publisher.ts';
import { readRunFile } from '../../electron/engine/console/run-file.ts';
import { expect } from '../support/console-page.ts';
import { test } from '../support/real-pair.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');
const FILES = 40;

test('real uploads are seen as they happen, at the master and at the mirror, each of them once', async ({
  pair,
  open,
}) => {
  test.slow();
  const { client, master, mirror } = pair;
  await put(client, 'before.html', Buffer.from('<p>before the page was opened'));
  await master.lockstep('wait', '--timeout', '2m');
  const page = await open(pair.console);
  await page.getByRole('button', { name: 'Minute' }).click();
  const there = await readRunFile(mirror.dataDir);
  const pageThere = await open({ url: `https://127.0.0.1:${there?.port}/#token=${there?.token}` });
  await expect(pageThere.getByRole('heading', { name: 'In step with origin' })).toBeVisible();

  await client.send('MKD news');
  for (let index = 0; index < FILES; index += 1)
    await put(client, `news/story-${index}.html`, Buffer.from(`<p>${index}`));
  await master.lockstep('wait', '--timeout', '2m');

  await expect(page.getByRole('row', { name: `story-${FILES - 1}.html` })).toContainText('the mirror');
  // The cursor goes to the newest change, and says when the mirror had it.
  const score = page.getByRole('application');
  await score.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowDown');
  await expect(score.getByRole('status')).toContainText(/news\/story-\d+\.html.*tokyo: visible after/);
  await page.screenshot({ path: join(pictures, 'live-real.png') });
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#\/history\/-\/-\/news/);
  await page.goBack();

  // As many as the engine has: the put before, a folder, and those that were watched.
  const changes = FILES + 2;
  for (const each of [page, pageThere]) {
    await each.getByRole('button', { name: 'Hour' }).click();
    await each.getByRole('button', { name: 'Table' }).click();
    const machines = each.getByRole('table', { name: 'Machines in the score' });
    for (const name of ['origin', 'tokyo'])
      await expect(
        machines
          .getByRole('row', { name: new RegExp(`^${name}`) })
          .getByRole('cell')
          .nth(1),
      ).toHaveText(String(changes));
    await expect(machines.getByRole('row', { name: /^tokyo/ })).toContainText('in step');
  }

  // What stands on the screen is what the command line says.
  await expect
    .poll(async () => (await master.status()).sites[0]?.peers[0])
    .toMatchObject({ lagMillis: expect.any(Number), roundTripMillis: expect.any(Number) });
  // A page that is opened only now sees the same, from the journal.
  const later = await open(pair.console);
  await later.getByRole('button', { name: 'Table' }).click();
  await expect(
    later
      .getByRole('row', { name: /^tokyo/ })
      .getByRole('cell')
      .nth(1),
  ).toHaveText(String(changes));
});
