import { chooseLogins } from '../../electron/engine/publishing/logins/choose.ts';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { CallParams } from '../../shared/contract/calls.ts';
import type { PublishJob, PublishPlan, Target } from '../../shared/contract/publishing.ts';
import type { Release } from '../../shared/contract/releases.ts';
import type { Status } from '../../shared/contract/status.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { expect, expectFits, seriousTrouble, test } from '../support/console-page.ts';
import { type ScriptedEngine, startScriptedEngine } from '../support/scripted-engine.ts';
import { HEAD, masterStatus, mirrorStatus, peer } from '../support/statuses.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');

type Order = CallParams<'publish.plan'>;
type Start = CallParams<'publish.start'>;

let engine: ScriptedEngine;
let releases: Release[];
let plan: PublishPlan;
let targets: Target[];
let isAway = false;

test.beforeEach(() => {
  releases = [];
  plan = {
    new: paths(24, (index) => `images/products/photo-${index + 1}.webp`),
    changed: paths(9, (index) => (index === 0 ? 'index.html' : `news/story-${index}.html`)),
    unchanged: 1240,
    deleted: [],
    refused: [{ path: 'node_modules', error: { code: 'path.link', params: { path: 'node_modules' } } }],
    refusedCount: 1,
    bytes: 48_300_000,
    bySizeOnly: false,
    atOnce: true,
    mirrors: [],
  };
  targets = [];
});

test.afterEach(() => engine.stop());

const fingerprint = 'ab12'.repeat(16);
const three = [peer('tokyo'), peer('osaka'), peer('berlin')];

/** An engine that has the plan, takes drops, and waits to be told how far they are. */
async function start(peers = three, status: Status = masterStatus(peers)): Promise<void> {
  const release = (id: number, name: string, extra: Partial<Release> = {}): Release => {
    const made = { site: 'www', id, name, at: Date.now(), by: 'local', changes: 33, ...extra };
    return { ...made, peers: peers.map((each) => ({ peer: each.name })) };
  };
  engine = await startScriptedEngine(status, [], {
    'publish.plan': (order: Order) => {
      if (order.sources[0] === '/nothing/there' || isAway)
        throw new AppError('file.not-found', { path: '/nothing/there' });
      if (order.to.kind === 'target') return { ...plan, atOnce: false, bySizeOnly: true };
      return { ...plan, deleted: order.delete === true ? paths(900, (index) => `old/${index}.html`) : [] };
    },
    'publish.start': (order: Start) => {
      releases = [release(HEAD + 33, order.name)];
      const started = job({ name: order.name, to: order.to, state: { is: 'comparing' } });
      engine.drops([started]);
      return started;
    },
    'publish.cancel': () => advance({ state: { is: 'cancelled', kept: 0 } }),
    'publish.resume': () => advance({ state: { is: 'sending', current: [], bytesPerSecond: 0 } }),
    'release.rollback': ({ release: id }: CallParams<'release.rollback'>) => {
      const back = release(HEAD + 66, `Rollback of ${releases[0]?.name ?? ''}`, { reverts: id });
      releases = [back, ...releases];
      return back;
    },
    'release.list': () => releases,
    'target.list': () => targets,
    'target.test': ({ target }: CallParams<'target.test'>) => {
      const certificate = { fingerprint, subject: 'Lockstep', issuer: 'Lockstep', validFrom: 0, validTo: 4e12 };
      return target?.trust?.by === 'fingerprint'
        ? { is: 'ready', certificate, lockstep: false, proof: 'size', folderMissing: true }
        : { is: 'confirm', certificate: { ...certificate, problem: 'DEPTH_ZERO_SELF_SIGNED_CERT' } };
    },
    'target.import': ({ text, only, dryRun }: CallParams<'target.import'>) => {
      const { kind, targets: found, skipped } = chooseLogins(text, []);
      const wanted = found.filter(({ place }) => only?.includes(place.name) ?? true);
      if (dryRun !== true) targets = wanted.map(({ place }) => ({ ...place, password: 'file' }));
      return { kind, targets: wanted.map(({ place, password }) => ({ ...place, hasPassword: !!password })), skipped };
    },
    'target.add': ({ target }: CallParams<'target.add'>) => {
      targets = [{ ...target, password: 'file' } as Target];
      return targets[0];
    },
  });
}

let latest: PublishJob;

function job(more: Partial<PublishJob>): PublishJob {
  latest = {
    id: 'job-1',
    to: { kind: 'site', site: 'www' },
    name: 'dist',
    sources: ['/srv/build/dist'],
    startedAt: Date.now(),
    files: { done: 0, total: 0 },
    bytes: { done: 0, total: 0 },
    state: { is: 'queued' },
    ...more,
  };
  return latest;
}

/** The drop goes on; what is told of it before the page has asked for it would be taken back by its start. */
function advance(more: Partial<PublishJob>): PublishJob {
  const next = job({ ...latest, ...more });
  engine.drops([next]);
  return next;
}

const halfway: Partial<PublishJob> = {
  files: { done: 12, total: 33 },
  bytes: { done: 21_300_000, total: 48_300_000 },
  state: {
    is: 'sending',
    current: ['images/products/photo-13.webp', 'images/products/photo-14.webp'],
    bytesPerSecond: 3_400_000,
    remainingMillis: 8_200,
  },
};

/** All of it has arrived and is visible. */
function finish(): void {
  advance({ state: { is: 'done', release: HEAD + 33, changes: 33 }, endedAt: Date.now() });
}

async function review(page: Page, comes = true): Promise<void> {
  if (comes) await page.getByRole('link', { name: 'Publish' }).click();
  await page.getByLabel('Folder on origin').fill('/srv/build/dist');
  await page.getByRole('button', { name: 'See what would change' }).click();
  await expect(page.getByRole('heading', { name: 'What would change' })).toBeVisible();
}

/** What a mirror reports: it shows the release since then. */
function arrive(mirrors: readonly string[], after: number): void {
  const [first, ...others] = releases;
  if (!first) throw new Error('nothing was published');
  const peers = first.peers.map((each, index) =>
    mirrors.includes(each.peer) ? { ...each, publishedAt: first.at + after + index * 150 } : each,
  );
  const times = peers.flatMap(({ publishedAt }) => publishedAt ?? []);
  const all = times.length === peers.length;
  const done = { convergedMillis: Math.max(...times) - first.at, skewMillis: Math.max(...times) - Math.min(...times) };
  releases = [{ ...first, peers, ...(all ? done : {}) }, ...others];
}

test('a folder is looked at, published under a name, seen arriving, and undone', async ({ open }) => {
  await start();
  const page = await open(engine);
  await page.getByRole('link', { name: 'Publish' }).click();
  await page.screenshot({ path: join(pictures, 'publish-empty.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await review(page);
  await expect(page.getByLabel('Name of this release')).toBeFocused();
  await expect(page.getByText('24 new')).toBeVisible();
  await expect(page.getByText('1,240 files are already the same')).toBeVisible();
  await expect(page.getByLabel('Name of this release')).toHaveValue('dist');
  await page.getByLabel('Name of this release').fill('Autumn catalogue');
  await page.screenshot({ path: join(pictures, 'publish-review.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: 'Publish 33 changes' }).click();
  await expect(page.getByRole('heading', { name: '“Autumn catalogue” to www' })).toBeVisible();
  advance(halfway);
  await expect(page.getByText('12 of 33 files')).toBeVisible();
  await expect(page.getByText('about 8 s left')).toBeVisible();
  await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '44');
  await page.screenshot({ path: join(pictures, 'publish-sending.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  finish();
  await expect(page.getByRole('heading', { name: '0 of 3 mirrors have it' })).toBeVisible();
  arrive(['tokyo'], 300);
  engine.show(masterStatus(three));
  await expect(page.getByRole('heading', { name: '1 of 3 mirrors have it' })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'publish-progress.png') });

  // Another screen does not end it.
  await page.getByRole('link', { name: 'History' }).click();
  arrive(['tokyo', 'osaka', 'berlin'], 900);
  engine.show(masterStatus(three));
  await page.getByRole('link', { name: 'Publish' }).click();
  await expect(page.getByRole('heading', { name: 'All 3 mirrors have it · 1.2 s' })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'publish-done.png') });
  expect(await seriousTrouble(page)).toEqual([]);

  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Put it back' }).click();
  await expect(page.getByText('Undone: Rollback of Autumn catalogue')).toBeVisible();
  expect(engine.calls).toEqual([
    { name: 'publish.plan', params: asked },
    { name: 'publish.start', params: { ...asked, name: 'Autumn catalogue', allowDeletes: false } },
    { name: 'release.rollback', params: { site: 'www', release: HEAD + 33, force: false } },
  ]);
});

test('deletes are shown before, and many are asked for once more', async ({ open }) => {
  await start();
  const page = await open(engine);
  await review(page);
  await page.getByLabel('Delete what this folder does not have').check();
  await expect(page.getByText('900 deleted')).toBeVisible();
  await page.getByRole('button', { name: 'Publish 933 changes' }).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  advance({ state: { is: 'stopped', error: { code: 'guard.held', params: { count: 900, of: 1274 } } } });
  await expect(page.getByRole('alert')).toContainText('This deletes 900 of 1,274 files.');
  await page.screenshot({ path: join(pictures, 'publish-deletes.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: 'Publish, and delete 900 files' }).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  expect(engine.calls.at(-1)).toEqual({ name: 'publish.resume', params: { job: 'job-1', allowDeletes: true } });
});

test('a drop that stopped says why and goes on; a page that is loaded anew finds it; it is cancelled', async ({
  open,
}) => {
  await start();
  const page = await open(engine);
  await review(page);
  await page.getByLabel('Name of this release').fill('  ');
  await page.getByRole('button', { name: 'Publish 33 changes' }).click();
  await expect(page.getByRole('alert')).toContainText('A release needs a name');
  await page.getByLabel('Name of this release').fill('dist');
  await page.getByRole('button', { name: 'Publish 33 changes' }).click();
  await expect(page.getByRole('heading', { name: '“dist” to www' })).toBeVisible();
  advance({
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
  advance({ state: { is: 'stopped', error } });
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

test('a target is tested, its certificate compared and confirmed, saved, and dropped to', async ({ open }) => {
  await start();
  const page = await open(engine);
  await page.getByRole('link', { name: 'Publish' }).click();
  await page.getByRole('combobox', { name: 'To' }).selectOption({ label: 'Add a target…' });
  const form = page.getByRole('dialog', { name: 'Add an FTP server as a target' });
  await form.getByLabel('Name', { exact: true }).fill('shop');
  await form.getByLabel('FTP without encryption').check();
  await expect(form.getByText('Anyone on the way can read and change the password')).toBeVisible();
  await form.getByLabel('FTP over TLS').check();
  await form.getByLabel('Server', { exact: true }).fill('ftp.example.com');
  await form.getByLabel('User').fill('editor');
  await form.getByLabel('Password', { exact: true }).fill('a secret');
  await page.screenshot({ path: join(pictures, 'target-form.png') });
  await form.getByRole('button', { name: 'Test the connection' }).click();
  await expect(form.getByText('AB12 AB12')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'target-confirm.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await form.getByRole('button', { name: 'It matches: trust this certificate' }).click();
  await expect(form.getByText('The login works.')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'target-ready.png') });
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('combobox', { name: 'To' })).toHaveValue('shop');
  expect(engine.calls.at(-1)).toEqual({
    name: 'target.add',
    params: {
      target: {
        name: 'shop',
        host: 'ftp.example.com',
        port: 21,
        protocol: 'ftps',
        user: 'editor',
        folder: '',
        trust: { by: 'fingerprint', fingerprint },
      },
      password: 'a secret',
      remember: true,
      replace: false,
    },
  });
  await review(page, false);
  await expect(page.getByText('Goes to shop (ftp.example.com) file by file')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'publish-target.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  expect(engine.calls.at(-1)).toMatchObject({
    name: 'publish.plan',
    params: { to: { kind: 'target', target: 'shop' } },
  });
  await page.getByRole('button', { name: 'Publish 33 changes' }).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  advance({ state: { is: 'done', changes: 33 }, endedAt: Date.now() + 3_000 });
  await expect(page.getByRole('heading', { name: 'shop has 33 more changes' })).toBeVisible();
});

const withoutSite: readonly (readonly [string, Status])[] = [
  ['a master without a site', masterStatus([], { sites: [] })],
  ['a mirror that follows nothing', { ...mirrorStatus(peer('origin')), sites: [] }],
];
for (const [what, status] of withoutSite)
  test(`${what} publishes to a target: it is asked for one first, and says nothing of mirrors and releases`, async ({
    open,
  }) => {
    await start([], status);
    const page = await open(engine);
    const machine = status.node.name;
    await page.getByRole('link', { name: 'Publish' }).click();
    await expect(page.getByRole('heading', { name: 'No FTP server yet' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Start on the overview' })).toBeVisible();
    await expect(page.getByLabel(`Folder on ${machine}`)).toHaveCount(0);
    const to = page.getByRole('combobox', { name: 'To' });
    await expect(to).toHaveCount(0);
    expect(await seriousTrouble(page)).toEqual([]);
    await page.screenshot({ path: join(pictures, 'publish-no-site.png') });
    await page.getByRole('button', { name: 'Import…' }).click();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: 'Import…' })).toBeFocused();
    await page.getByRole('button', { name: 'Add a target…' }).click();
    const form = page.getByRole('dialog', { name: 'Add an FTP server as a target' });
    await form.getByLabel('Name', { exact: true }).fill('shop');
    await form.getByLabel('Server', { exact: true }).fill('ftp.example.com');
    await form.getByLabel('User').fill('editor');
    await form.getByLabel('Password', { exact: true }).fill('a secret');
    await form.getByRole('button', { name: 'Test the connection' }).click();
    await form.getByRole('button', { name: 'It matches: trust this certificate' }).click();
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(to).toHaveValue('shop');
    await expect(to.getByRole('option')).toHaveText(['shop · ftp.example.com', 'Add a target…', 'Import…']);
    await page.reload();
    // The first of them, where nobody has said more.
    await expect(to).toHaveValue('shop');
    await expect(page.getByRole('link', { name: 'Earlier releases' })).toHaveCount(0);
    await page.getByLabel(`Folder on ${machine}`).fill('/srv/build/dist');
    await page.getByRole('button', { name: 'See what would change' }).click();
    await expect(page.getByText('Goes to shop (ftp.example.com) file by file')).toBeVisible();
    expect(engine.calls.at(-1)).toEqual({
      name: 'publish.plan',
      params: { to: { kind: 'target', target: 'shop' }, sources: ['/srv/build/dist'], delete: false },
    });
    await page.getByRole('button', { name: 'Publish 33 changes' }).click();
    await expect(page.getByRole('progressbar')).toBeVisible();
    advance({ state: { is: 'done', changes: 33 }, endedAt: Date.now() + 3_000 });
    await expect(page.getByRole('heading', { name: 'shop has 33 more changes' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Earlier releases' })).toHaveCount(0);
    await page.getByRole('button', { name: 'Publish something else' }).click();
    await expect(page.getByLabel(`Folder on ${machine}`)).toBeVisible();
  });

test('targets are imported from a file: what it holds is shown first, and what is not wanted is left', async ({
  open,
}) => {
  await start();
  const page = await open(engine);
  await page.getByRole('link', { name: 'Publish' }).click();
  await page.getByRole('combobox', { name: 'To' }).selectOption({ label: 'Import…' });
  const form = page.getByRole('dialog', { name: 'Import targets' });
  const file = (buffer: string) => ({ name: 'netrc', mimeType: 'text/plain', buffer: Buffer.from(buffer) });
  await form.getByLabel('File with logins').setInputFiles(file('a letter to my aunt'));
  await expect(form.getByRole('alert')).toContainText('neither a FileZilla site file nor a netrc');
  const netrc = 'machine shop.example.org login alice password secret-1 machine github.com login a machine old login';
  await form.getByLabel('File with logins').setInputFiles(file(`${netrc} b password c default login d`));
  await expect(form.getByRole('listitem')).toHaveText([
    'shop.example.org alice@shop.example.org:21',
    /^github\.com a@github\.com:21The file has no password/,
    'old b@old:21',
    'default: for any server',
  ]);
  await form.getByRole('checkbox', { name: /github/ }).uncheck();
  await page.screenshot({ path: join(pictures, 'target-import.png') });
  await form.getByRole('button', { name: 'Import 2 targets' }).click();
  await expect(page.getByRole('combobox', { name: 'To' })).toHaveValue('shop.example.org');
  expect(targets.map(({ name }) => name)).toEqual(['shop.example.org', 'old']);
  expect(await page.content()).not.toContain('secret-1');
});

test('what a mirror cannot hold is said before, sure or as a possibility', async ({ open }) => {
  await start();
  plan = {
    ...plan,
    mirrors: [
      { mirror: 'osaka', known: true, count: 2, doubts: doubts(true) },
      { mirror: 'tokyo', known: false, count: 1, doubts: doubts(false).slice(0, 1) },
      { mirror: 'berlin', known: true, count: 0, doubts: [] },
    ],
  };
  const page = await open(engine);
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

test('where more is left out than is listed, it is said how much', async ({ open }) => {
  await start();
  plan = { ...plan, refusedCount: 1_100 };
  const page = await open(engine);
  await review(page);
  await expect(page.getByText('1,100 left out')).toBeVisible();
  await expect(page.getByText('1,099 more, not listed here')).toBeVisible();
});

test('why something is left out is read to its end, also in a small window', async ({ open }) => {
  await start();
  const long = `news/${'archive-'.repeat(12)}/back\\slash`;
  plan = {
    ...plan,
    refused: [...plan.refused, { path: long, error: { code: 'path.invalid', params: { path: long } } }],
  };
  const page = await open(engine);
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

test('a folder that is not there is a sentence', async ({ open }) => {
  await start();
  const page = await open(engine);
  await page.getByRole('link', { name: 'Publish' }).click();
  await page.getByLabel('Folder on origin').fill('/nothing/there');
  await page.getByRole('button', { name: 'See what would change' }).click();
  await expect(page.getByRole('alert')).toContainText('file.not-found');
  await expect(page.getByLabel('Folder on origin')).toHaveValue('/nothing/there');
  await expect(page.getByLabel('Folder on origin')).toBeFocused();
  await page.getByLabel('Folder on origin').fill('/srv/dist');
  await page.getByRole('button', { name: 'See what would change' }).click();
  await expect(page.getByRole('button', { name: /^Publish \d/ })).toBeVisible();
  isAway = true;
  await page.getByLabel('Delete').check();
  // What it would do now nobody knows: it is looked at again first.
  await expect(page.getByRole('alert')).toContainText('file.not-found');
  await expect(page.getByRole('button', { name: /^Publish/ })).toBeHidden();
  isAway = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('button', { name: 'Publish 933 changes' })).toBeVisible();
});

test('in Japanese and dark, with a mirror that is away', async ({ open }) => {
  const away = peer('berlin', { connected: false, inStep: false, waiting: 33, lastSeenAt: Date.now() - 40_000 });
  await start([peer('tokyo'), peer('osaka'), away]);
  const page = await open(engine, { locale: 'ja-JP', colorScheme: 'dark' });
  await page.getByRole('link', { name: '公開' }).first().click();
  await page.getByLabel('origin のフォルダー').fill('/srv/build/dist');
  await page.getByRole('button', { name: '変更点を見る' }).click();
  await expect(page.getByText('復帰後に届きます')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'publish-review-ja-dark.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: '33 件の変更を公開' }).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  advance(halfway);
  await expect(page.getByText('33 ファイル中 12')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'publish-sending-ja-dark.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  finish();
  arrive(['tokyo', 'osaka'], 84);
  engine.show(masterStatus([peer('tokyo'), peer('osaka'), away]));
  await expect(page.getByRole('heading', { name: '3 台中 2 台に届きました' })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'publish-progress-ja-dark.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await expectFits(page, join(pictures, 'publish'));
});

const asked = { to: { kind: 'site', site: 'www' }, sources: ['/srv/build/dist'], delete: false };

function paths(count: number, name: (index: number) => string): SitePath[] {
  return Array.from({ length: count }, (_, index) => name(index) as SitePath);
}
