import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { AppError } from '../../shared/errors/app-error.ts';
import { expect, seriousTrouble, test } from '../support/console-page.ts';
import { type ScriptedEngine, startScriptedEngine } from '../support/scripted-engine.ts';
import { masterStatus, mirrorStatus, peer } from '../support/statuses.ts';
import { releases, togetherAnswers, waiting } from '../support/together-samples.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');
const peers = ['tokyo', 'osaka', 'berlin'].map((name) => peer(name));

let engine: ScriptedEngine;
test.afterEach(() => engine.stop());

test('waiting: what needs a person first; each with why, for what, and until when', async ({ open }) => {
  const now = Date.now();
  engine = await startScriptedEngine(masterStatus(peers, { waiting: waiting(now) }), [], togetherAnswers(now));
  const page = await open(engine, { at: 'together/waiting' });
  const held = page.getByRole('region', { name: 'Needs attention' });
  await expect(held.getByRole('listitem')).toHaveCount(3);
  const byItself = page.getByRole('region', { name: 'Continues by itself' });
  await expect(byItself.getByRole('listitem')).toHaveCount(2);
  await expect(byItself.getByRole('listitem').first()).toContainText('news/2026/11/opening-hours.html');
  await expect(byItself.getByRole('listitem').last()).toContainText('Group “front-page”');
  await expect(page.getByRole('link', { name: 'Together 3' })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'together-waiting.png') });
  expect(await seriousTrouble(page)).toEqual([]);

  await byItself.getByRole('button', { name: 'Publish now' }).last().click();
  await expect.poll(() => engine.calls).toEqual([resolve('www@tokyo:group:front-page', 'publish')]);
  await byItself.getByRole('button', { name: 'Give up…' }).last().click();
  const question = page.getByRole('dialog', { name: 'Give up this change?' });
  await expect(question).toContainText('tokyo does not show these 2 changes');
  await page.screenshot({ path: join(pictures, 'together-give-up.png') });
  await page.keyboard.press('Escape');
  await expect(question).toBeHidden();
  await expect(byItself.getByRole('button', { name: 'Give up…' }).last()).toBeFocused();
  await page.keyboard.press('Enter');
  await question.getByRole('button', { name: 'Give up' }).click();
  await expect.poll(() => engine.calls.at(-1)).toEqual(resolve('www@tokyo:group:front-page', 'discard'));
  await expect(question).toBeHidden();
});

test('deletes that are held back are not done without a question that says how many', async ({ open }) => {
  const now = Date.now();
  engine = await startScriptedEngine(masterStatus(peers, { waiting: waiting(now) }));
  const page = await open(engine, { at: 'together' });
  await page.getByRole('button', { name: 'Delete them…' }).click();
  const question = page.getByRole('dialog', { name: 'Delete these files?' });
  await expect(question).toContainText('Removes 214 files');
  expect(engine.calls).toEqual([]);
  await question.getByRole('button', { name: 'Delete them…' }).click();
  const asked = { name: 'waiting.resolve', params: { id: 'www:guard', how: 'publish', count: 214 } };
  await expect.poll(() => engine.calls).toEqual([asked]);
});

test('a folder that is not there: it was moved, or is lost; at a master, at a mirror, and of a mirror at its master', async ({
  open,
}) => {
  const since = Date.now() - 60_000;
  const lost = (more: object, peer?: string) => ({
    waiting: [
      {
        id: peer === undefined ? 'www:site' : `www@${peer}:source`,
        site: 'www',
        kind: 'failing' as const,
        ...(peer !== undefined && { peer }),
        error: { code: 'site.root-missing' as const, params: { root: '/srv/www', ...more } },
        since,
      },
    ],
  });
  engine = await startScriptedEngine({ ...mirrorStatus(peer('origin')), ...lost({ follows: 'www' }) }, [], {
    'follow.set': ({ root }: { root: string }) => {
      if (root === '/mnt/other') throw new AppError('site.root-elsewhere', { root, site: 'www' });
      const limits = { exclude: [], transport: 'tls', connections: 4, deleteGuard: 0.5, drift: 'report' };
      return { site: 'www', master: 'f'.repeat(64), masterName: 'origin', root, ...limits };
    },
    'waiting.resolve': ({ id }: { id: string }) => ({ id }),
  });
  const atMirror = await open(engine, { at: 'together/waiting' });
  const entry = entryOf(atMirror);
  await expect(entry).toContainText('If “www” was moved, say where it is now; if it is lost, fetch everything anew.');
  await expect(entry.getByRole('button')).toHaveText(['Choose its new place…', 'Fetch everything anew…']);
  await atMirror.screenshot({ path: join(pictures, 'folder-lost-mirror.png') });
  await entry.getByRole('button', { name: 'Choose its new place…' }).click();
  const place = atMirror.getByRole('dialog', { name: 'Where is the folder of “www” now?' });
  await expect(place.getByRole('button', { name: 'Go on there' })).toBeDisabled();
  await place.getByLabel('Folder').fill('/mnt/other');
  await atMirror.keyboard.press('Enter');
  await expect(place.getByRole('alert')).toContainText('is not the folder of the site');
  await atMirror.screenshot({ path: join(pictures, 'folder-moved.png') });
  expect(await seriousTrouble(atMirror)).toEqual([]);
  await place.getByLabel('Folder').fill('/mnt/www');
  await place.getByRole('button', { name: 'Go on there' }).click();
  await expect(place).toBeHidden();
  expect(engine.calls.at(-1)).toEqual({ name: 'follow.set', params: { site: 'www', root: '/mnt/www' } });
  // A disk that is only not mounted is not filled by a slip.
  await entry.getByRole('button', { name: 'Fetch everything anew…' }).click();
  const question = atMirror.getByRole('dialog', { name: 'Fetch everything anew?' });
  await expect(question).toContainText('If its disk is only not mounted, mount it instead.');
  expect(engine.calls).toHaveLength(2);
  await question.getByRole('button', { name: 'Fetch everything' }).click();
  await expect(question).toBeHidden();
  expect(engine.calls.at(-1)).toEqual(resolve('www:site', 'publish'));
  // Beside the map there is room for the words all the same, in either language.
  await atMirror.evaluate(() => void (location.hash = '#/overview'));
  await atMirror.setViewportSize({ width: 1280, height: 760 });
  const words = atMirror.getByRole('region', { name: 'Needs attention' }).locator('.need-text');
  await expect(words).toBeVisible();
  expect((await words.boundingBox())?.width).toBeGreaterThan(239);
  await atMirror.evaluate(() => void (location.hash = '#/settings/sites'));
  await atMirror.getByRole('region', { name: 'Sites' }).getByRole('button', { name: 'Choose its new place…' }).click();
  await expect(place.getByLabel('Folder')).toHaveValue('/srv/www');
  await engine.stop();

  engine = await startScriptedEngine(masterStatus(peers, lost({ publishes: 'www' })), [], {
    'site.set': ({ name }: { name: string }) => ({ name }),
  });
  const atMaster = await open(engine, { at: 'together/waiting' });
  // Nothing can be put in its place here.
  await expect(entryOf(atMaster).getByRole('button')).toHaveText(['Choose its new place…']);
  await expect(entryOf(atMaster)).toContainText('until then nothing counts as deleted');
  await entryOf(atMaster).getByRole('button').click();
  await atMaster.getByRole('dialog').getByLabel('Folder').fill('/mnt/www');
  await atMaster.keyboard.press('Enter');
  await expect(atMaster.getByRole('dialog')).toBeHidden();
  expect(engine.calls).toEqual([{ name: 'site.set', params: { name: 'www', root: '/mnt/www' } }]);
  engine.show(masterStatus(peers, lost({ at: 'osaka' }, 'osaka')));
  // It is seen to there, and noticed there.
  await expect(entryOf(atMaster)).toContainText('On osaka, mount its disk or put the folder back');
  await expect(entryOf(atMaster).getByRole('button')).toHaveCount(0);
});

const entryOf = (page: Page) => page.getByRole('listitem').filter({ hasText: '/srv/www' });

test('nothing waits: says so, and what would stand here', async ({ open }) => {
  engine = await startScriptedEngine(masterStatus(peers), [], {
    'group.list': () => [],
    'link.list': () => [],
    'release.list': () => [],
  });
  const page = await open(engine, { at: 'together' });
  await expect(page.getByRole('heading', { name: 'Nothing is waiting' })).toBeVisible();
  for (const [tab, heading] of [
    ['Groups', 'No groups yet'],
    ['Links', 'No links yet'],
    ['Releases', 'No releases yet'],
  ] as const) {
    await page.getByRole('link', { name: tab, exact: true }).click();
    await expect(page.getByRole('heading', { name: heading })).toBeVisible();
    await page.screenshot({ path: join(pictures, `together-empty-${tab.toLowerCase()}.png`) });
  }
});

test('groups: the rule in words, what is here and what is missing; made, changed, committed and removed', async ({
  open,
}) => {
  const now = Date.now();
  engine = await startScriptedEngine(masterStatus(peers, { waiting: waiting(now) }), [], togetherAnswers(now));
  const page = await open(engine, { at: 'together/groups' });
  const card = (name: string) => page.getByRole('listitem', { name });
  await expect(card('front-page')).toContainText(
    'Appear once each of the 5 has changed. After 1 min, what has arrived appears.',
  );
  await expect(card('front-page')).toContainText('2 of 5 are here, waiting for css/site.css');
  await page.screenshot({ path: join(pictures, 'together-groups.png') });
  expect(await seriousTrouble(page)).toEqual([]);

  await card('issue-47').getByRole('button', { name: 'Commit' }).click();
  await expect
    .poll(() => engine.calls.at(-1))
    .toEqual({ name: 'group.commit', params: { site: 'www', name: 'issue-47' } });
  await expect(card('issue-47').getByRole('status')).toContainText('Committed');

  await page.getByRole('button', { name: 'New group' }).click();
  const form = page.getByRole('dialog', { name: 'New group' });
  await form.getByLabel('Name').fill('menu');
  await form.getByRole('textbox', { name: 'Files' }).fill('menu.html\n  menu/** \n');
  await form.getByRole('radio', { name: /when changes have settled/ }).check();
  await form.getByLabel('Without a change for').fill('1.5');
  await page.screenshot({ path: join(pictures, 'together-group-form.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await form.getByRole('button', { name: 'Make the group' }).click();
  const group = {
    name: 'menu',
    members: ['menu.html', 'menu/**'],
    rule: 'settle',
    settle: 1500,
    limit: 60_000,
    atLimit: 'publish',
  };
  await expect
    .poll(() => engine.calls.at(-1))
    .toEqual({ name: 'group.add', params: { site: 'www', group, replace: false } });
  await expect(form).toBeHidden();

  await card('prices').getByRole('button', { name: 'Remove…' }).click();
  await page.getByRole('button', { name: 'Remove the group' }).click();
  await expect
    .poll(() => engine.calls.at(-1))
    .toEqual({ name: 'group.remove', params: { site: 'www', name: 'prices' } });
  await page.getByRole('log').getByRole('button', { name: 'Undo' }).click();
  await expect
    .poll(() => engine.calls.at(-1))
    .toMatchObject({ name: 'group.add', params: { site: 'www', group: { name: 'prices', atLimit: 'hold' } } });
});

test('links: a table and a graph that say the same, filtered; set by hand and removed', async ({ open }) => {
  engine = await startScriptedEngine(masterStatus(peers), [], togetherAnswers(Date.now()));
  const page = await open(engine, { at: 'together/links' });
  await expect(page.getByRole('row')).toHaveCount(14);
  await page.screenshot({ path: join(pictures, 'together-links.png') });
  expect(await seriousTrouble(page)).toEqual([]);

  await page.getByRole('row').nth(1).focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('row').nth(2)).toBeFocused();

  await page.getByRole('button', { name: 'Missing' }).click();
  await expect(page.getByRole('row')).toHaveCount(3);
  await page.getByRole('button', { name: 'All' }).click();
  await page.getByRole('button', { name: 'Graph' }).click();
  await expect(page.getByRole('list', { name: 'Page' }).getByRole('button')).toHaveCount(7);
  await page.getByRole('button', { name: 'index.html', exact: true }).first().hover();
  await page.screenshot({ path: join(pictures, 'together-graph.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('list', { name: 'Links to' }).getByRole('button', { name: 'images/hero.jpg' }).click();
  await expect(page.getByRole('searchbox')).toHaveValue('images/hero.jpg');

  await page.getByRole('searchbox').fill('');
  await page.getByRole('button', { name: 'Table' }).click();
  await page.getByRole('button', { name: /^Remove the link from news/ }).click();
  await expect
    .poll(() => engine.calls.at(-1))
    .toEqual({ name: 'link.remove', params: { site: 'www', glob: 'news/**', target: 'news/index.html' } });
  await expect(page.getByRole('log')).toContainText('news/** no longer waits for news/index.html.');
  await page.keyboard.press('Control+z');
  await expect
    .poll(() => engine.calls.at(-1))
    .toEqual({ name: 'link.add', params: { site: 'www', glob: 'news/**', target: 'news/index.html' } });
  await page.getByRole('button', { name: 'Set a link' }).click();
  await page.getByLabel('Files matching').fill('shop/**');
  await page.getByLabel('wait until this has changed').fill('shop/index.html');
  await page.keyboard.press('Enter');
  await expect
    .poll(() => engine.calls.at(-1))
    .toEqual({ name: 'link.add', params: { site: 'www', glob: 'shop/**', target: 'shop/index.html' } });
});

test('a graph of hundreds of names can be read: what needs a look is there, and hubs do not cover it', async ({
  open,
}) => {
  const found = (page: string, target: string, missing = false) => ({
    site: 'www',
    page,
    target,
    kind: 'found',
    missing,
  });
  const pages = Array.from({ length: 250 }, (_, index) => `news/2026/${String(index).padStart(3, '0')}.html`);
  const many = pages.flatMap((page, index) => [
    found(page, 'css/site.css'),
    found(page, `images/2026/${index}.jpg`, index % 60 === 59),
  ]);
  engine = await startScriptedEngine(masterStatus(peers), [], {
    ...togetherAnswers(Date.now()),
    'link.list': () => many,
  });
  const page = await open(engine, { at: 'together/links' });
  await page.getByRole('button', { name: 'Graph' }).click();
  const graph = page.getByRole('region', { name: 'Graph' });
  for (const index of [59, 119, 179, 239]) await expect(graph.getByText(`images/2026/${index}.jpg`)).toBeVisible();
  await expect(graph.getByRole('button', { name: /^css\/site\.css/ })).toContainText('×');
  await expect(graph.locator('.edge-missing')).toHaveCount(4);
  await expect(graph.locator('.edge-hub').first()).toHaveCSS('stroke-opacity', '0.12');
  await page.screenshot({ path: join(pictures, 'together-graph-large.png') });
  await graph.getByRole('button', { name: /^css\/site\.css/ }).hover();
  await expect(graph.locator('.edge-hub')).toHaveCount(0);
  expect(await seriousTrouble(page)).toEqual([]);
});

test('releases: how far each is, the word, and a rollback that shows what it does', async ({ open }) => {
  const now = Date.now();
  engine = await startScriptedEngine(masterStatus(peers), [], {
    ...togetherAnswers(now),
    'release.rollback': () => release(now, 18_390),
  });
  const page = await open(engine, { at: 'together/releases' });
  await expect(page.getByRole('link', { name: /Spring catalogue/ })).toContainText('All 3 mirrors have it');
  await page.screenshot({ path: join(pictures, 'together-releases.png') });
  expect(await seriousTrouble(page)).toEqual([]);

  await page.getByRole('link', { name: /Winter opening hours/ }).click();
  await page.getByRole('button', { name: 'Give the word to 2 of 3' }).click();
  await expect
    .poll(() => engine.calls.at(-1))
    .toEqual({ name: 'release.go', params: { site: 'www', release: 18_402 } });
  await page.screenshot({ path: join(pictures, 'together-release-waits.png') });
  await page.getByRole('link', { name: '← All releases' }).click();
  await page.getByRole('link', { name: /Spring catalogue/ }).click();
  await expect(page.getByRole('row', { name: /hero\.jpg/ })).toContainText('new');
  await page.screenshot({ path: join(pictures, 'together-release.png'), fullPage: true });
  expect(await seriousTrouble(page)).toEqual([]);

  await page.getByRole('button', { name: 'Roll back…' }).click();
  const question = page.getByRole('dialog');
  await expect(question).toContainText('Removes 2 files that it added');
  await expect(question).toContainText('Brings 1 deleted file back');
  await page.screenshot({ path: join(pictures, 'together-rollback.png') });
  // What was changed since is said before anything is done.
  await expect(question).toContainText('1 path was changed after this release');
  const action = question.getByRole('button', { name: 'Roll back' });
  await expect(action).toBeDisabled();
  await question.getByRole('checkbox').check();
  await action.click();
  await expect
    .poll(() => engine.calls.at(-1))
    .toEqual({ name: 'release.rollback', params: { site: 'www', release: 18_390, force: true } });
  await expect(question).toBeHidden();

  await page.getByRole('combobox', { name: 'With another release…' }).selectOption('18402');
  const compared = page.getByRole('region', { name: 'Compare' });
  await expect(compared).toContainText('to “Winter opening hours”, 5 paths differ, whoever changed them.');
  await expect(compared.getByRole('row', { name: /old-hours/ })).toContainText('deleted');
  await page.screenshot({ path: join(pictures, 'together-compare.png'), fullPage: true });
  expect(await seriousTrouble(page)).toEqual([]);
});

test('a mirror sees what waits here, and groups and links of its master; what it cannot do is not offered', async ({
  open,
}) => {
  const now = Date.now();
  const items = waiting(now);
  for (const item of items) delete item.peer;
  engine = await startScriptedEngine({ ...mirrorStatus(peer('origin')), waiting: items }, [], togetherAnswers(now));
  const page = await open(engine, { at: 'together/groups', colorScheme: 'dark' });
  await expect(page.getByRole('listitem', { name: 'front-page' })).toContainText('2 of 5 are here');
  await expect(page.getByRole('button', { name: 'New group' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Releases' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Publish' })).toHaveCount(0);
  await page.screenshot({ path: join(pictures, 'together-mirror-dark.png') });
  expect(await seriousTrouble(page)).toEqual([]);
});

test('an engine that refuses says why, and what was known stays', async ({ open }) => {
  let broken = false;
  engine = await startScriptedEngine(masterStatus(peers), [], {
    ...togetherAnswers(Date.now()),
    'link.list': () => {
      throw new AppError('site.unknown', { name: 'www' });
    },
    'release.list': () => {
      if (broken) throw new AppError('limit.exceeded', {});
      return [release(Date.now(), 18_390)];
    },
  });
  const page = await open(engine, { at: 'together/links' });
  await expect(page.getByRole('alert')).toContainText('There is no site “www” here.');
  await page.getByRole('link', { name: 'Releases' }).click();
  await expect(page.getByRole('link', { name: /Spring catalogue/ })).toBeVisible();
  broken = true;
  engine.show(masterStatus(peers));
  await expect(page.getByRole('alert')).toContainText('That is more than is allowed.');
  await expect(page.getByRole('link', { name: /Spring catalogue/ })).toBeVisible();
});

test('Japanese, light and dark', async ({ open }) => {
  const now = Date.now();
  engine = await startScriptedEngine(masterStatus(peers, { waiting: waiting(now) }), [], togetherAnswers(now));
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await open(engine, { locale: 'ja-JP', colorScheme, at: 'together/waiting' });
    for (const tab of ['待機中', 'グループ', 'リンク', 'リリース']) {
      await page.getByRole('navigation').last().getByRole('link', { name: tab }).click();
      await expect(page.getByRole('navigation').last().getByRole('link', { name: tab })).toHaveAttribute(
        'aria-current',
        'page',
      );
      await expect(page.getByText('調べています…')).toHaveCount(0);
      await page.screenshot({ path: join(pictures, `together-ja-${colorScheme}-${tab}.png`) });
      expect(await seriousTrouble(page)).toEqual([]);
    }
  }
});

function resolve(id: string, how: 'publish' | 'discard'): { name: string; params: object } {
  return { name: 'waiting.resolve', params: { id, how } };
}

function release(now: number, wanted: number): object | undefined {
  return releases(now).find(({ id }) => id === wanted);
}
