import { join } from 'node:path';
import type { CallParams, CallResult } from '../../shared/contract/calls.ts';
import type { HistoryRow, PeerStatus, Status } from '../../shared/contract/status.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { expect, expectFits, seriousTrouble, test } from '../support/console-page.ts';
import { type ScriptedEngine, startScriptedEngine } from '../support/scripted-engine.ts';
import { HEAD, masterStatus, mirrorStatus, peer, published, put } from '../support/statuses.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');

type Routes = CallResult<'route.list'>;

let engine: ScriptedEngine;
let routes: Routes;

test.beforeEach(() => {
  routes = [];
});

test.afterEach(() => engine.stop());

const tokyo = peer('tokyo', { clockAheadMillis: 12 });
const osaka = peer('osaka', { inStep: false, waiting: 3, publishedSeq: HEAD - 3 });
const berlin = (): PeerStatus =>
  peer('berlin', {
    connected: false,
    inStep: false,
    waiting: 12,
    failing: 1,
    publishedSeq: HEAD - 12,
    lastSeenAt: Date.now() - 40 * 60_000,
    clockAheadMillis: -4200,
    error: { code: 'link.timeout', params: {} },
    nextAttemptAt: Date.now() + 20 * 60_000,
  });

async function start(status: Status): Promise<void> {
  const now = Date.now();
  const history = Array.from({ length: 12 }, (_, index): HistoryRow => {
    const at = now - index * 60_000;
    return put(HEAD - index, 'index.html', at, [published('tokyo', at, 42), published('osaka', at, 310)]);
  });
  engine = await startScriptedEngine(status, history, {
    'peer.list': () =>
      status.sites.flatMap(({ peers }) =>
        peers.map(({ id, name }, index) => ({
          id,
          name,
          role: status.node.role === 'master' ? 'mirror' : 'master',
          address: index === 1 ? null : `${name}.example.net:2122`,
          dial: index === 1 ? 'mirror' : 'master',
          sites: ['www'],
        })),
      ),
    'route.list': () => routes,
    'route.set': (params: CallParams<'route.set'>) => {
      routes = params.routes;
      return routes;
    },
    'route.preview': ({ routes: next }: CallParams<'route.preview'>): CallResult<'route.preview'> => {
      const rest = next.some(({ glob }) => glob === '**');
      return {
        files: 1204,
        mirrors: ['berlin', 'osaka', 'tokyo'].map((mirror) => ({ mirror, loses: rest ? 0 : 1204, gains: 0, gets: 0 })),
        nobody: rest ? 0 : 1204,
        examples: rest ? [] : ['index.html'],
      };
    },
    'route.test': ({ path }: CallParams<'route.test'>): CallResult<'route.test'> => ({
      path: path as SitePath,
      route: routes[0] ?? null,
      mirrors: routes.length === 0 ? ['berlin', 'osaka', 'tokyo'] : ['tokyo'],
    }),
    'peer.remove': ({ peer: id }: CallParams<'peer.remove'>) => ({
      name: id,
      sites: [{ site: 'www', files: 12_408, behind: 12 }],
    }),
    'peer.dial': () => ({ name: 'berlin' }),
    'follow.list': () => [],
  });
}

function trouble(): Status {
  return masterStatus([tokyo, osaka, berlin()], {
    waiting: [
      {
        id: 'www@berlin:www:downloads/catalogue.pdf',
        site: 'www',
        peer: 'berlin',
        kind: 'failing',
        path: 'downloads/catalogue.pdf',
        error: { code: 'file.disk-full', params: {} },
        since: Date.now() - 14 * 60_000,
        nextAttemptAt: Date.now() + 90_000,
      },
    ],
  });
}

test('in a narrow window the table of mirrors is read to its last column without scrolling sideways', async ({
  open,
}) => {
  await start(trouble());
  for (const locale of ['en-US', 'ja-JP']) {
    const page = await open(engine, { at: 'mirrors', locale });
    for (const width of [719, 480, 400]) {
      await page.setViewportSize({ width, height: 760 });
      await expect(page.locator('.mirrors-table tbody tr')).toHaveCount(3);
      // The names of the columns stand in the cells there.
      await expect(page.locator('.mirrors-table td[data-name]')).toHaveCount(6);
      const cut = await page.locator('.mirrors-table').evaluate((table) => {
        const panel = table.parentElement ?? table;
        const cells = [...table.querySelectorAll('td')].filter((cell) => cell.checkVisibility());
        const isCut = (of: Element): boolean => of.scrollWidth > of.clientWidth + 1;
        return [panel, ...cells].filter(isCut).map(({ textContent }) => textContent);
      });
      expect([locale, width, cut]).toEqual([locale, width, []]);
      await page.screenshot({ path: join(pictures, `mirrors-${width}-${locale}.png`), fullPage: true });
    }
  }
});

test('a map and a table that says the same; each mirror has a page that says what is behind, and why', async ({
  open,
}) => {
  await start(trouble());
  const page = await open(engine);
  await page.getByRole('navigation').getByRole('link', { name: 'Mirrors' }).click();
  const table = page.getByRole('table', { name: 'Mirrors of the site' });
  await expect(table.getByRole('row', { name: /tokyo/ })).toContainText('42 ms');
  await expect(table.getByRole('row', { name: /osaka/ })).toContainText('working');
  await expect(page.getByRole('link', { name: /osaka\s*working · 3 behind/ })).toBeVisible();
  // A line between two cards is not read out by the ids of its ends.
  await expect(page.locator('.map-way').first()).toBeAttached();
  await expect(page.getByRole('img', { name: /^Edge from/ })).toHaveCount(0);
  await page.screenshot({ path: join(pictures, 'mirrors.png'), fullPage: true });
  expect(await seriousTrouble(page)).toEqual([]);

  await table.getByRole('link', { name: 'berlin' }).click();
  await expect(page.getByRole('heading', { name: /^berlin last answered/ })).toBeVisible();
  const main = page.getByRole('main');
  await expect(main).toContainText('downloads/catalogue.pdf');
  await expect(main).toContainText('11 changes wait until it answers again.');
  await expect(main).toContainText(/berlin last answered 4\dm ago\..*Next try in/);
  await expect(main).toContainText('4.2 s behind this one');
  await expect(main).toContainText('berlin.example.net:2122');
  await page.screenshot({ path: join(pictures, 'mirror-behind.png'), fullPage: true });
  expect(await seriousTrouble(page)).toEqual([]);

  await page.getByRole('button', { name: 'Remove this mirror…' }).click();
  await expect(page.getByRole('dialog')).toContainText('www: its 12,408 files stay in the mirror’s folder.');
  await expect(page.getByRole('dialog')).toContainText('12 changes have not reached it, and never will.');
  await page.screenshot({ path: join(pictures, 'mirror-remove.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(table).toBeVisible();
  expect(engine.calls).toEqual([
    { name: 'peer.remove', params: { peer: berlin().id, dryRun: true } },
    { name: 'peer.remove', params: { peer: berlin().id, dryRun: false } },
  ]);
});

test('a route keeps paths from every mirror; in a small window too', async ({ open }) => {
  await start(masterStatus([tokyo, peer('osaka'), peer('berlin')]));
  const page = await open(engine, { at: 'mirrors' });
  await page.setViewportSize({ width: 480, height: 800 });
  await page.getByRole('button', { name: 'Add a route' }).click();
  await expect(page.getByText('Enter the paths for each route.')).toBeVisible();
  await page.getByLabel('Paths').fill('**/.git/**');
  await page.getByRole('button', { name: 'tokyo', exact: true }).click();
  await page.getByRole('button', { name: 'tokyo', exact: true }).click();
  await expect(page.getByRole('button', { name: 'no mirror' })).toHaveAttribute('aria-pressed', 'true');
  await page.screenshot({ path: join(pictures, 'mirrors-routes-narrow.png'), fullPage: true });
  await page.getByRole('button', { name: 'Use these routes' }).click();
  await expect(page.getByText('Not in use yet.')).toBeHidden();
  expect(routes).toEqual([{ glob: '**/.git/**', mirrors: [] }]);
  expect(await seriousTrouble(page)).toEqual([]);
});

test('routes are put in order, used when a person says so, and tried with a path', async ({ open }) => {
  await start(masterStatus([tokyo, peer('osaka'), peer('berlin')]));
  const page = await open(engine);
  await page.getByRole('navigation').getByRole('link', { name: 'Mirrors' }).click();
  await page.getByLabel('Who gets this path?').fill('img/logo.svg');
  await page.getByRole('button', { name: 'Check' }).click();
  await expect(page.getByText('img/logo.svg goes to berlin, osaka, tokyo (because there are no routes)')).toBeVisible();

  // The first route takes everything else away: it says so, and how to keep it.
  await page.getByRole('button', { name: 'Add a route' }).click();
  await page.getByLabel('Paths').fill('css/**');
  await expect(page.getByText('With these routes 3 mirrors would no longer get up to 1,204 files.')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'mirrors-routes-loss.png'), fullPage: true });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: 'Add ** → every mirror' }).click();
  await expect(page.getByText('every mirror already has the right files')).toBeVisible();
  await page.getByRole('button', { name: 'Remove css/**' }).click();
  await page.getByRole('button', { name: 'Add a route' }).click();
  await page.getByLabel('Paths').last().fill('img/**');
  // By keys: up, down again, and the focus goes along.
  await page.getByLabel('Paths').last().press('Alt+ArrowUp');
  await expect(page.getByLabel('Paths').first()).toHaveValue('img/**');
  await expect(page.getByLabel('Paths').first()).toBeFocused();
  await page.getByLabel('Paths').first().press('Alt+ArrowDown');
  await expect(page.getByLabel('Paths').last()).toHaveValue('img/**');
  // By hand.
  await page.getByTitle('Drag to move img/**.').dragTo(page.getByTitle('Drag to move **.'));
  await expect(page.getByLabel('Paths').first()).toHaveValue('img/**');
  await page.getByTitle('Drag to move img/**.').dragTo(page.getByTitle('Drag to move **.'));
  await expect(page.getByLabel('Paths').last()).toHaveValue('img/**');
  const second = page.getByRole('listitem').filter({ has: page.getByRole('button', { name: 'Move img/** up' }) });
  await second.getByRole('button', { name: 'tokyo' }).click();
  const up = second.getByRole('button', { name: 'Move img/** up' });
  await up.focus();
  await page.keyboard.press('Enter');
  // At the end of its way the keyboard is still there.
  await expect(up).toBeDisabled();
  await expect(up).toBeFocused();
  await expect(page.getByText('Not in use yet.')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'mirrors-routes.png'), fullPage: true });
  expect(await seriousTrouble(page)).toEqual([]);
  expect(routes).toEqual([]);
  await page.getByRole('button', { name: 'Use these routes' }).click();
  await expect(page.getByText('Not in use yet.')).toBeHidden();
  expect(routes).toEqual([
    { glob: 'img/**', mirrors: ['tokyo'] },
    { glob: '**', mirrors: 'all' },
  ]);
  await page.getByRole('button', { name: 'Check' }).click();
  await expect(page.getByText('img/logo.svg goes to tokyo (by the route img/**)')).toBeVisible();
});

test('no mirror yet: the pairing code; a mirror shows its master; Japanese and dark', async ({ open }) => {
  await start(masterStatus([]));
  const page = await open(engine);
  await page.getByRole('navigation').getByRole('link', { name: 'Mirrors' }).click();
  await page.getByRole('button', { name: 'Make a pairing code' }).click();
  await expect(page.getByRole('status', { name: 'Pairing code' })).toHaveText('LOCKSTEP-ABCD-EFGH');
  await page.screenshot({ path: join(pictures, 'mirrors-pairing.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await engine.stop();

  await start(mirrorStatus(peer('origin', { clockAheadMillis: 0 })));
  const mirror = await open(engine, { locale: 'ja-JP', colorScheme: 'dark' });
  await mirror.getByRole('navigation').getByRole('link', { name: 'マスター' }).click();
  await expect(mirror.getByRole('button', { name: '追うのをやめる…' })).toBeVisible();
  await mirror.screenshot({ path: join(pictures, 'mirror-master-ja-dark.png') });
  expect(await seriousTrouble(mirror)).toEqual([]);
  await engine.stop();

  await start(trouble());
  const dark = await open(engine, { locale: 'ja-JP', colorScheme: 'dark' });
  await dark.getByRole('navigation').getByRole('link', { name: 'ミラー' }).click();
  await expect(dark.getByRole('table', { name: 'サイトのミラー' })).toBeVisible();
  await dark.screenshot({ path: join(pictures, 'mirrors-ja-dark.png') });
  expect(await seriousTrouble(dark)).toEqual([]);
  await expectFits(dark, join(pictures, 'mirrors'));
});
