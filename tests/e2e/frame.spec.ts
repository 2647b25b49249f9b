import { join } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';
import { expect, goTo, seriousTrouble, test } from '../support/console-page.ts';
import { type ScriptedEngine, startScriptedEngine } from '../support/scripted-engine.ts';
import { masterStatus, mirrorStatus, peer, put } from '../support/statuses.ts';
import { togetherAnswers, waiting } from '../support/together-samples.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');
const peers = ['tokyo', 'osaka', 'berlin'].map((name) => peer(name));

let engine: ScriptedEngine;
test.afterEach(() => engine.stop());

test('the screens are in the address: by a click, by the keyboard, and back', async ({ open }) => {
  engine = await startScriptedEngine(masterStatus(peers), [], togetherAnswers(Date.now()));
  const page = await open(engine);
  const current = page.locator('.nav-item[aria-current=page]');
  await expect(current).toHaveText('Overview');
  await page.getByRole('link', { name: 'Together' }).click();
  await expect(page).toHaveURL(/#\/together$/);
  await expect(page).toHaveTitle('Together · Lockstep');
  await page.getByRole('link', { name: 'Groups' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#\/together\/links$/);
  await page.goBack();
  await expect(current).toHaveText('Together');
  await page.keyboard.press('Alt+8');
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await page.keyboard.press('Control+1');
  await expect(current).toHaveText('Overview');
  // Some keyboards make `{` this way.
  await page.keyboard.press('Control+Alt+4');
  await expect(current).toHaveText('Overview');
  await current.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowUp');
  await expect(page.getByRole('link', { name: 'Log' })).toBeFocused();
  await page.keyboard.press('Home');
  await expect(current).toBeFocused();
  await page.evaluate(() => void (location.hash = '#/no-such-place/%E0%A4%A'));
  await expect(current).toHaveText('Overview');
});

test('the first thing the keyboard reaches leads past the navigation', async ({ open }) => {
  engine = await startScriptedEngine(masterStatus(peers), [], togetherAnswers(Date.now()));
  const page = await open(engine);
  await expect(page.getByRole('heading', { name: 'All 3 mirrors are in step' })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
});

test('the keyboard goes on where the new place begins', async ({ open }) => {
  engine = await startScriptedEngine(masterStatus(peers), [], togetherAnswers(Date.now()));
  const page = await open(engine, { at: 'together/releases' });
  await page.getByRole('link', { name: /Spring/ }).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Roll back…' })).toBeVisible();
  await expect(page.getByRole('main')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Waiting' })).toBeFocused();
});

test('the palette finds screens, sites and settings by a part of their names', async ({ open }) => {
  engine = await startScriptedEngine(masterStatus(peers), [], togetherAnswers(Date.now()));
  const page = await open(engine);
  await expect(page.getByRole('heading', { name: 'All 3 mirrors are in step' })).toBeVisible();
  const search = page.getByRole('button', { name: 'Search…' });
  await search.focus();
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Search and commands' });
  await expect(palette.getByRole('combobox')).toBeFocused();
  await page.screenshot({ path: join(pictures, 'palette.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(palette).toBeHidden();
  await expect(search).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.type('tog li');
  await expect(palette.getByRole('option')).toHaveText([/^Together: LinksGo to/]);
  await expect(palette.locator('mark')).toHaveText(['Tog', 'Li']);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#\/together\/links$/);
  await search.click();
  // What was used last comes first.
  await expect(palette.getByRole('option').first()).toHaveText(/^Together: Links/);
  await page.keyboard.type('theme');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('no such thing');
  await expect(palette.getByText('Nothing found.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(palette).toBeHidden();
});

test('the palette finds what the engine knows: releases, groups, and paths in the history', async ({ open }) => {
  const asked: { glob?: string }[] = [];
  const now = Date.now();
  engine = await startScriptedEngine(masterStatus(peers), [], {
    ...togetherAnswers(now),
    'history.page': (params: { glob?: string }) => {
      asked.push(params);
      const paths = ['news/2026/opening.html', 'news/2026/opening.html', 'img/opening.jpg'];
      return { rows: paths.map((path, at) => ({ ...put(9 - at, path, now, []), id: `${now}.0.${9 - at}` })) };
    },
  });
  const page = await open(engine);
  await expect(page.getByRole('heading', { name: 'All 3 mirrors are in step' })).toBeVisible();
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Search and commands' });
  // At once: on a slow machine keys could come further apart than the pause after which it asks.
  await page.keyboard.insertText('opening');
  await expect(palette.getByRole('option')).toHaveText([
    /^Winter opening hoursRelease$/,
    /^news\/2026\/opening.htmlIn the history$/,
    /^img\/opening.jpgIn the history$/,
  ]);
  // Once, and a bounded part.
  expect(asked).toEqual([{ site: 'www', glob: '{**/,}*opening*{,/**}', limit: 60 }]);
  await page.screenshot({ path: join(pictures, 'palette-found.png') });
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#\/together\/releases\/18402$/);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('front-p');
  await expect(palette.getByRole('option')).toHaveText([/^front-pageGroup$/]);
  await page.keyboard.press('Control+a');
  await page.keyboard.type('img/op');
  await palette.getByRole('option', { name: /img\/opening/ }).click();
  await expect(page).toHaveURL(/#\/history\/-\/-\/img%2Fopening.jpg$/);
});

test('what the palette does says what came of it, and is taken back', async ({ open }) => {
  const now = Date.now();
  engine = await startScriptedEngine(masterStatus(peers, { waiting: waiting(now) }), [], {
    ...togetherAnswers(now),
    'peer.pause': ({ peer: name }: { peer: string }) => ({ name, pausedAt: now }),
    'peer.resume': ({ peer: name }: { peer: string }) => ({ name }),
    'site.rescan': () => {
      throw new AppError('guard.held', { count: 900, of: 1000 });
    },
  });
  const page = await open(engine);
  await expect(page.getByRole('navigation')).toBeVisible();
  const choose = async (typed: string): Promise<void> => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type(typed);
    await page.keyboard.press('Enter');
  };
  const outcomes = page.getByRole('log', { name: 'Results' });
  await choose('pause osa');
  await expect(outcomes).toContainText('osaka is paused.');
  await page.keyboard.press('Control+z');
  await expect(outcomes).not.toContainText('osaka is paused.');
  await expect
    .poll(() => engine.calls)
    .toEqual([
      { name: 'peer.pause', params: { peer: 'osaka' } },
      { name: 'peer.resume', params: { peer: 'osaka' } },
    ]);
  await choose('try all');
  await expect(outcomes).toContainText('Retrying 1 transfer.');
  await choose('rescan www');
  const refused = outcomes.getByRole('alert');
  await expect(refused).toContainText('guard.held');
  await page.screenshot({ path: join(pictures, 'toasts.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await refused.getByRole('button', { name: 'Dismiss this message' }).click();
  await expect(refused).toBeHidden();
  await choose('add group');
  await expect(page.getByRole('dialog', { name: 'New group' })).toBeVisible();
  await expect(page).toHaveURL(/#\/together\/groups$/);
});

test('? shows what the keyboard does, but not while somebody writes', async ({ open }) => {
  engine = await startScriptedEngine(masterStatus(peers), [], togetherAnswers(Date.now()));
  const page = await open(engine, { at: 'together/links' });
  const map = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await page.getByRole('searchbox').focus();
  await page.keyboard.press('?');
  await expect(map).toBeHidden();
  await page.getByRole('link', { name: 'Overview' }).focus();
  await page.keyboard.press('?');
  await expect(map).toContainText('Go to a screen, in sidebar order');
  await page.screenshot({ path: join(pictures, 'keyboard.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('link', { name: 'Overview' })).toBeFocused();
});

test('a view that breaks says what happened, and the others go on', async ({ open }) => {
  engine = await startScriptedEngine(masterStatus(peers), [], togetherAnswers(Date.now()));
  const page = await open(engine, { at: 'together/groups' });
  await expect(page.getByRole('heading', { name: 'front-page' })).toBeVisible();
  await page.evaluate(() => {
    Intl.RelativeTimeFormat.prototype.format = () => {
      throw new Error('broken on purpose');
    };
  });
  await page.getByRole('link', { name: 'Releases' }).click();
  await expect(page.getByRole('alert')).toContainText('This view crashed.');
  await expect(page.getByRole('alert')).toContainText('broken on purpose');
  await expect(page.getByRole('button', { name: 'Copy what happened' })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'broken.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
});

test('a config.json that cannot be in force is told on every screen', async ({ open }) => {
  const params = { file: '/var/lib/lockstep/config.json', issue: 'not-json', text: 'line 3, column 9' };
  const status = { ...masterStatus(peers), configFault: { code: 'config.invalid', params } } as const;
  engine = await startScriptedEngine(status, [], togetherAnswers(Date.now()));
  const page = await open(engine);
  const banner = page.getByRole('status').filter({ hasText: 'config.json' });
  await expect(banner).toContainText('The settings from before stay in force.');
  await expect(banner).toContainText('is not JSON: line 3, column 9. Correct the file.');
  await page.screenshot({ path: join(pictures, 'config-fault.png') });
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(banner).toBeVisible();
  expect(await seriousTrouble(page)).toEqual([]);
});

test('a certificate for FTP that is not in force is told on every screen', async ({ open }) => {
  const params = { file: '/etc/ssl/ftp.pem', until: '2026-11-22' };
  const status = { ...masterStatus(peers), certificateFault: { code: 'certificate.expired', params } } as const;
  engine = await startScriptedEngine(status, [], togetherAnswers(Date.now()));
  const page = await open(engine);
  const banner = page.getByRole('status').filter({ hasText: 'FTP:' });
  await expect(banner).toContainText('The certificate in “/etc/ssl/ftp.pem” has expired on 2026-11-22.');
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(banner).toBeVisible();
  expect(await seriousTrouble(page)).toEqual([]);
});

test('at a mirror there is what makes sense there', async ({ open }) => {
  engine = await startScriptedEngine(mirrorStatus(peer('origin')), [], togetherAnswers(Date.now()));
  const page = await open(engine, { at: 'publish' });
  await expect(page.getByRole('navigation').getByRole('link')).toHaveText([
    'Overview',
    'Site',
    'Master',
    'Together',
    'History',
    'Log',
    'Settings',
  ]);
  await expect(page.locator('.nav-item[aria-current=page]')).toHaveText('Overview');
});

test('settings: what this install is, where it listens, and how the interface looks', async ({ open }) => {
  engine = await startScriptedEngine(masterStatus(peers));
  const page = await open(engine, { at: 'settings' });
  await expect(page.getByRole('status', { name: 'Fingerprint' })).toHaveText(/^[0-9a-f]{64}$/);
  await expect(page.getByText('0.0.0.0:2121')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'settings.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: 'Dark', exact: true }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.getByRole('button', { name: '日本語' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
  await expect(page.getByRole('heading', { name: '設定' })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'settings-ja-dark.png') });
  expect(await seriousTrouble(page)).toEqual([]);
});

for (const [name, size] of [
  ['900x600', { width: 900, height: 600 }],
  ['900x600-at-200', { width: 450, height: 300 }],
] as const) {
  test(`every screen fits ${name}`, async ({ open }) => {
    const now = Date.now();
    engine = await startScriptedEngine(masterStatus(peers, { waiting: waiting(now) }), [], togetherAnswers(now));
    const page = await open(engine);
    await page.setViewportSize(size);
    for (const place of [
      'overview',
      'together/waiting',
      'together/groups',
      'together/links',
      'together/releases',
      'together/releases/18390',
      'settings',
    ]) {
      await goTo(page, place);
      await page.screenshot({ path: join(pictures, `small-${name}-${place.replaceAll('/', '-')}.png`) });
      expect(
        await page.evaluate(() => {
          const { documentElement: root } = document;
          const main = document.querySelector('main');
          return [root.scrollWidth - root.clientWidth, (main?.scrollWidth ?? 0) - (main?.clientWidth ?? 0)];
        }),
        place,
      ).toEqual([0, 0]);
    }
  });
}

test('sentences of errors are Japanese in the Japanese interface', async ({ open }) => {
  const now = Date.now();
  engine = await startScriptedEngine(masterStatus(peers, { waiting: waiting(now) }));
  const page = await open(engine, { locale: 'ja-JP', at: 'together' });
  await expect(page.getByText('「downloads/catalogue-2026.pdf」を保存する空き容量がありません。')).toBeVisible();
});
