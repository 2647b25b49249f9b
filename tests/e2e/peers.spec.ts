import { join } from 'node:path';
import type { CallParams, CallResult } from '../../shared/contract/calls.ts';
import type { PeerStatus, Status } from '../../shared/contract/status.ts';
import { expect, expectFits, seriousTrouble, test } from '../support/console-page.ts';
import { type ScriptedEngine, startScriptedEngine } from '../support/scripted-engine.ts';
import { HEAD, masterStatus, mirrorStatus, peer } from '../support/statuses.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');

let engine: ScriptedEngine;

test.afterEach(() => engine.stop());

const behind = { inStep: false, waiting: 3, publishedSeq: HEAD - 3 };
const night = { from: 22, to: 6 };

/** A master that does what it is asked, as far as its mirror `osaka` shows it. */
async function startMaster(first: Partial<PeerStatus>): Promise<void> {
  let own: Partial<PeerStatus> = first;
  let limits: CallResult<'peer.limit'>['limits'] = {};
  let pausedAt: number | undefined;
  const show = (change: Partial<PeerStatus>): void => {
    own = { ...own, ...change };
    engine.show(status());
  };
  const status = (): Status => {
    const all = pausedAt === undefined ? {} : { paused: { by: 'here' as const, since: pausedAt, all: true } };
    const osaka = peer('osaka', { version: '0.1.0', ...own, ...all });
    return masterStatus([peer('tokyo', all), osaka], pausedAt === undefined ? {} : { pausedAt });
  };
  engine = await startScriptedEngine(status(), [], {
    'route.list': () => [],
    'peer.list': (): CallResult<'peer.list'> => [
      { id: peer('osaka').id, name: 'osaka', role: 'mirror', address: null, dial: 'mirror', sites: ['www'], limits },
    ],
    'peer.pause': () => {
      const paused = { by: 'here' as const, since: Date.now() };
      show({ paused, inStep: false });
      return { name: 'osaka', pausedAt: paused.since };
    },
    'peer.resume': () => {
      const { paused: _, ...rest } = own;
      own = rest;
      show({});
      return { name: 'osaka' };
    },
    'peer.limit': ({ bytesPerSecond, hours }: CallParams<'peer.limit'>) => {
      limits = { ...(bytesPerSecond && { bytesPerSecond }), ...(hours && { hours }) };
      const opensAt = Date.now() + 3_600_000;
      show({ conditions: { ...limits, hours: [night], opensAt } });
      return { name: 'osaka', limits };
    },
    'node.pause': () => {
      pausedAt = Date.now();
      show({});
      return { pausedAt };
    },
    'node.resume': () => {
      pausedAt = undefined;
      show({});
      return {};
    },
  });
}

test('a mirror is paused and resumed on its page, and all of them at once on theirs', async ({ open }) => {
  await startMaster(behind);
  const page = await open(engine, { at: 'mirrors/osaka' });
  await expect(page.getByRole('heading', { name: 'osaka is 3 changes behind' })).toBeVisible();
  await expect(page.getByText('3 changes are on the way.')).toBeVisible();
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('heading', { name: 'osaka is paused' })).toBeVisible();
  await expect(page.getByText('3 changes wait until it is resumed.')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'mirror-paused.png'), fullPage: true });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('heading', { name: 'osaka is 3 changes behind' })).toBeVisible();

  await page.getByRole('link', { name: 'All mirrors' }).click();
  await page.getByRole('button', { name: 'Pause all' }).click();
  await expect(page.getByText('Everything here has been paused since')).toBeVisible();
  const table = page.getByRole('table', { name: 'Mirrors of the site' });
  await expect(table.getByRole('row', { name: /tokyo/ })).toContainText('paused');
  await page.screenshot({ path: join(pictures, 'mirrors-paused.png'), fullPage: true });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: 'Resume all' }).click();
  await expect(table.getByRole('row', { name: /tokyo/ })).toContainText('in step');
  expect(engine.calls.map(({ name }) => name)).toEqual(['peer.pause', 'peer.resume', 'node.pause', 'node.resume']);
});

test('the overview says of one that is paused what it lacks, not that it is on its way, and has room to say it', async ({
  open,
}) => {
  const error = { code: 'link.stopped', params: {} } as const;
  const peers = [
    peer('osaka', { ...behind, paused: { by: 'here', since: Date.now() } }),
    peer('tokyo', { ...behind, connected: false, error }),
  ];
  const held = { code: 'guard.held', params: { count: 40, of: 40 } } as const;
  const waiting = [{ id: 'two:deletes', site: 'two', kind: 'delete-guard', error: held, since: Date.now() } as const];
  engine = await startScriptedEngine(masterStatus(peers, { waiting }), [], {});
  const page = await open(engine);
  await page.setViewportSize({ width: 800, height: 800 });
  const details = page.locator('.peer-detail');
  await expect(details.first()).toHaveText('3 changes behind');
  for (const detail of await details.all()) expect((await detail.boundingBox())?.width).toBeGreaterThan(400);
  await expect(page.locator('.need')).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Other sites: 1 thing needs attention' })).toBeVisible();
  await expect(page.getByText('Nothing. What is on its way')).toHaveCount(0);
  await expectFits(page, join(pictures, 'overview-paused'));

  engine.show(mirrorStatus(peer('origin', { paused: { by: 'there', since: Date.now() }, inStep: false })));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Paused by its master origin');
  await expect(details.first()).toHaveText('Paused by its master origin');
});

test('limits are set in a dialog, by keys alone, and the page says when it fetches next', async ({ open }) => {
  await startMaster(behind);
  const page = await open(engine, { at: 'mirrors/osaka' });
  await page.getByRole('button', { name: 'Change…' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Limits of osaka' });
  await dialog.getByLabel('Maximum rate').fill('2.5');
  await dialog.getByLabel('Only during these hours').press('Space');
  await dialog.getByLabel('From').selectOption('22:00');
  await page.screenshot({ path: join(pictures, 'mirror-limits.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await dialog.getByLabel('Maximum rate').press('Enter');
  await expect(dialog).toBeHidden();
  const main = page.getByRole('main');
  await expect(page.getByRole('heading', { name: 'osaka is outside its hours' })).toBeVisible();
  await expect(main).toContainText('3 changes wait for its hours: it fetches from 22 to 6, next at');
  await expect(main).toContainText('at most 2.5 MB/s');
  await expect(main).toContainText('fetches from 22:00 to 06:00');
  expect(engine.calls).toEqual([
    { name: 'peer.limit', params: { peer: peer('osaka').id, bytesPerSecond: 2_500_000, hours: night } },
  ]);
  await page.screenshot({ path: join(pictures, 'mirror-limited.png'), fullPage: true });
});

test('a mirror says who has paused it, and sets limits of its own', async ({ open }) => {
  const since = Date.now() - 60_000;
  const paused = mirrorStatus(peer('origin', { ...behind, paused: { by: 'there', since } }));
  const followed: CallResult<'follow.list'>[number] = {
    site: 'www',
    master: peer('origin').id,
    masterName: 'origin',
    root: '/srv/www',
    exclude: ['internal/**'],
    transport: 'tls',
    connections: 6,
    deleteGuard: 0.5,
    drift: 'report',
    versions: { days: 30, count: 10_000, bytes: 2 ** 31 },
    multicast: {},
  };
  engine = await startScriptedEngine(paused, [], {
    'peer.list': () => [],
    'follow.list': () => [followed],
    'follow.set': () => followed,
    'follow.remove': () => ({ name: 'origin', sites: [{ site: 'www', files: 12_408, root: '/srv/www' }] }),
  });
  const page = await open(engine, { at: 'mirrors', locale: 'ja-JP', colorScheme: 'dark' });
  await expect(page.getByRole('heading', { name: 'マスターの origin が一時停止しています' })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'mirror-paused-there-ja-dark.png'), fullPage: true });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: '変更…' }).click();
  await page.getByLabel('同時に取得するファイル数').fill('2');
  await page.getByLabel('対象から外すパターン').fill('internal/**\n\n drafts/** ');
  await page.screenshot({ path: join(pictures, 'mirror-own-limits-ja-dark.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: '保存' }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.getByRole('button', { name: '追うのをやめる…' }).click();
  await expect(page.getByRole('dialog')).toContainText('12,408 ファイルが /srv/www に残ります。');
  await page.screenshot({ path: join(pictures, 'mirror-unfollow-ja-dark.png') });
  expect(engine.calls).toEqual([
    {
      name: 'follow.set',
      params: {
        site: 'www',
        bytesPerSecond: null,
        hours: null,
        connections: 2,
        exclude: ['internal/**', 'drafts/**'],
        deleteGuard: 0.5,
        drift: 'report',
      },
    },
    { name: 'follow.remove', params: { site: 'www', dryRun: true } },
  ]);
  await expectFits(page, join(pictures, 'mirror-master'), () => page.keyboard.press('Escape'));
});

test('the checks tell what is wrong first, with what to do, in the language of the person', async ({ open }) => {
  const doctor = (): CallResult<'node.doctor'> => ({
    findings: [
      { check: 'config', code: 'config-right', params: {}, level: 'ok', sentence: 'config.json is valid.' },
      {
        check: 'disk',
        subject: 'www',
        code: 'disk-low',
        params: { size: '0.4', percent: 1, where: '/srv/www' },
        level: 'warning',
        sentence: '',
        mend: '',
      },
      {
        check: 'listener',
        subject: 'ftp',
        code: 'port.busy',
        params: { port: 2121, host: '0.0.0.0' },
        level: 'problem',
        sentence: '',
        mend: '',
      },
      { check: 'clock', code: 'from-the-future', params: {}, level: 'ok', sentence: 'A newer engine says so.' },
    ],
  });
  engine = await startScriptedEngine(masterStatus([peer('osaka')]), [], {
    'route.list': () => [],
    'peer.list': () => [],
    'node.doctor': doctor,
  });
  const page = await open(engine, { at: 'settings' });
  const checks = page.getByRole('region', { name: 'Checks' });
  await checks.getByRole('button', { name: 'Check now' }).click();
  const wrong = checks.getByRole('listitem');
  await expect(wrong).toHaveText([
    /Port 2121 at 0\.0\.0\.0 is in use/,
    /Only 0\.4 GB \(1 %\) are free at \/srv\/www\./,
  ]);
  await checks.getByText('2 checks passed').click();
  await expect(checks.getByText('A newer engine says so.')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'checks.png'), fullPage: true });
  expect(await seriousTrouble(page)).toEqual([]);
  const japanese = await open(engine, { at: 'mirrors/osaka', locale: 'ja-JP', colorScheme: 'dark' });
  const diagnosis = japanese.getByRole('region', { name: '診断' });
  await diagnosis.getByRole('button', { name: '調べる' }).click();
  await expect(diagnosis).toContainText('/srv/www の空きが 0.4 GB (1 %) しかありません。');
  await japanese.screenshot({ path: join(pictures, 'diagnosis-ja-dark.png'), fullPage: true });
  expect(await seriousTrouble(japanese)).toEqual([]);
  expect(engine.calls).toEqual([
    { name: 'node.doctor', params: {} },
    { name: 'node.doctor', params: { peer: peer('osaka').id } },
  ]);
});

test('a code is made for a time and an address; another site is followed from within the app', async ({ open }) => {
  engine = await startScriptedEngine(masterStatus([]), [], {
    'pairing.addresses': () => ({ addresses: ['192.0.2.7:2122', '[2001:db8::7]:2122'] }),
    'pairing.invite': (): CallResult<'pairing.invite'> => ({
      code: 'LOCKSTEP-ABCD-EFGH',
      site: 'www',
      expiresAt: Date.now() + 3_600_000,
      addresses: ['192.0.2.7:2122'],
    }),
  });
  const page = await open(engine, { at: 'mirrors' });
  await page.getByLabel('Valid for').selectOption('1 hour');
  await page.getByLabel('Address in the code').selectOption('another address…');
  await page.getByLabel('This master’s address').fill('not an address');
  await expect(page.getByText('This is not HOST:PORT.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Make a pairing code' })).toBeDisabled();
  await page.getByLabel('Address in the code').selectOption('192.0.2.7:2122');
  await page.screenshot({ path: join(pictures, 'pairing-options.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: 'Make a pairing code' }).click();
  await expect(page.getByText(/Good once, for (?:1:00:00|59:\d\d) more\./)).toBeVisible();
  await expect(page.getByText('The mirror will look for this master at 192.0.2.7:2122.')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'pairing-made.png') });
  expect(engine.calls.filter(({ name }) => name === 'pairing.invite')).toEqual([
    {
      name: 'pairing.invite',
      params: { site: 'www', expiresSeconds: 3600, address: { host: '192.0.2.7', port: 2122 } },
    },
  ]);
  await engine.stop();

  engine = await startScriptedEngine(mirrorStatus(peer('origin')), [], {
    'peer.list': () => [],
    'follow.list': () => [],
    'pairing.check': (): CallResult<'pairing.check'> => ({
      site: 'docs',
      master: peer('origin').id,
      expiresAt: Date.now() + 60_000,
      addresses: [{ address: '192.0.2.7:2122', answers: true }],
      reached: '192.0.2.7:2122',
    }),
    'pairing.join': (): CallResult<'pairing.join'> => ({
      site: 'docs',
      master: { id: peer('origin').id, name: 'origin' },
      root: '/srv/docs',
      dial: 'master',
    }),
  });
  const mirror = await open(engine, { at: 'mirrors' });
  await mirror.getByRole('button', { name: 'Follow another site…' }).click();
  const dialog = mirror.getByRole('dialog', { name: 'Follow another site' });
  await dialog.getByLabel('Pairing code from its master').fill(' LOCKSTEP-ABCD-EFGH ');
  await expect(dialog).toContainText('docs: its master answers at 192.0.2.7:2122.');
  await dialog.getByLabel('Folder to fill').fill('/srv/docs');
  await dialog.getByLabel('The master dials this machine').check();
  await mirror.screenshot({ path: join(pictures, 'join.png') });
  expect(await seriousTrouble(mirror)).toEqual([]);
  await dialog.getByRole('button', { name: 'Follow' }).click();
  await expect(dialog).toBeHidden();
  expect(engine.calls.filter(({ name }) => name === 'pairing.join')).toEqual([
    {
      name: 'pairing.join',
      params: { code: 'LOCKSTEP-ABCD-EFGH', root: '/srv/docs', dial: 'master', takeOver: false },
    },
  ]);
});
