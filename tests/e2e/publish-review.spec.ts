import { join } from 'node:path';
import type { PublishPlan } from '../../shared/contract/publishing.ts';
import { expect, seriousTrouble } from '../support/console-page.ts';
import { review, test } from '../support/publish-page.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');

test('what a mirror cannot hold is said before, sure or as a possibility', async ({ open, start }) => {
  const publishing = await start();
  publishing.plan = {
    ...publishing.plan,
    mirrors: [
      { mirror: 'osaka', known: true, count: 2, doubts: doubts(true) },
      { mirror: 'tokyo', known: false, count: 1, doubts: doubts(false).slice(0, 1) },
      { mirror: 'berlin', known: true, count: 0, doubts: [] },
    ],
  };
  const page = await open(publishing.engine);
  await review(page);
  await page.getByText('osaka cannot hold 2 of these as they are').click();
  await expect(page.getByText('differs from Logo.svg only in upper and lower case')).toBeVisible();
  await expect(page.getByText('tokyo has not said what its disk can hold: 1 name')).toBeVisible();
  await expect(page.getByText('berlin cannot')).toHaveCount(0);
  await page.screenshot({ path: join(pictures, 'publish-doubts.png') });
  expect(await seriousTrouble(page)).toEqual([]);
});

function doubts(sure: boolean): PublishPlan['mirrors'][number]['doubts'] {
  return [
    { path: 'img/a:b.png', sure, error: { code: 'path.unsupported-name', params: { path: 'img/a:b.png' } } },
    {
      path: 'img/logo.svg',
      sure,
      error: { code: 'path.case-clash', params: { path: 'img/logo.svg', other: 'Logo.svg' } },
    },
  ];
}

test('where more is left out than is listed, it is said how much', async ({ open, start }) => {
  const publishing = await start();
  publishing.plan = { ...publishing.plan, refusedCount: 1_100 };
  const page = await open(publishing.engine);
  await review(page);
  await expect(page.getByText('1,100 left out')).toBeVisible();
  await expect(page.getByText('1,099 more, not listed here')).toBeVisible();
});

test('why something is left out is read to its end, also in a small window', async ({ open, start }) => {
  const publishing = await start();
  const long = `news/${'archive-'.repeat(12)}/back\\slash`;
  publishing.plan = {
    ...publishing.plan,
    refused: [...publishing.plan.refused, { path: long, error: { code: 'path.invalid', params: { path: long } } }],
  };
  const page = await open(publishing.engine);
  await page.setViewportSize({ width: 480, height: 800 });
  await review(page);
  const list = page.getByRole('group', { name: 'Files, and what would happen to them' });
  const why = list.locator('.plan-why');
  await expect(why).toHaveCount(2);
  const seen = await why.evaluateAll((all) =>
    all.map((each) => each.scrollWidth <= each.clientWidth && each.scrollHeight <= each.clientHeight),
  );
  expect(seen).toEqual([true, true]);
  // And no row lies on the next one.
  const rows = await list
    .getByRole('listitem')
    .evaluateAll((all) => all.map((each) => each.getBoundingClientRect()).map(({ top, bottom }) => ({ top, bottom })));
  for (const [index, { top }] of rows.entries())
    expect(top).toBeGreaterThanOrEqual((rows[index - 1]?.bottom ?? top) - 1);
});

test('a folder that is not there is a sentence', async ({ open, start }) => {
  const publishing = await start();
  const page = await open(publishing.engine);
  await page.getByRole('link', { name: 'Publish' }).click();
  await page.getByLabel('Folder on origin').fill('/nothing/there');
  await page.getByRole('button', { name: 'See what would change' }).click();
  await expect(page.getByRole('alert')).toContainText('file.not-found');
  await expect(page.getByLabel('Folder on origin')).toHaveValue('/nothing/there');
  await expect(page.getByLabel('Folder on origin')).toBeFocused();
  await page.getByLabel('Folder on origin').fill('/srv/dist');
  await page.getByRole('button', { name: 'See what would change' }).click();
  await expect(page.getByRole('button', { name: /^Publish \d/ })).toBeVisible();
  publishing.isAway = true;
  await page.getByLabel('Delete').check();
  // What it would do now nobody knows: it is looked at again first.
  await expect(page.getByRole('alert')).toContainText('file.not-found');
  await expect(page.getByRole('button', { name: /^Publish/ })).toBeHidden();
  publishing.isAway = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('button', { name: 'Publish 933 changes' })).toBeVisible();
});
