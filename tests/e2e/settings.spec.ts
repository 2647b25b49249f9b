import { join } from 'node:path';
import { changedConfig, changedSite } from '../../electron/engine/core/changed-config.ts';
import { type Config, config as configSchema } from '../../shared/contract/config.ts';
import type { ConfigChanges, SiteChanges } from '../../shared/contract/config-changes.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { expect, expectFits, seriousTrouble, test } from '../support/console-page.ts';
import { certificate, type ScriptedEngine, startScriptedEngine } from '../support/scripted-engine.ts';
import { masterStatus, mirrorStatus, peer } from '../support/statuses.ts';

/** For people to look at; not compared. */
const pictures = process.env['LOCKSTEP_PICTURES'] ?? join(import.meta.dirname, '..', '..', '.cache', 'pictures');

let engine: ScriptedEngine;
let config: Config;
let refused: AppError | undefined;
let accounts: object[];

/** An engine that keeps what it is told. */
async function start(role: 'master' | 'mirror' = 'master'): Promise<void> {
  refused = undefined;
  accounts = [
    { user: 'alice', site: 'www', folder: 'news', kind: 'publisher', releasesOnly: false },
    { user: 'mirror-1', site: 'www', folder: '', kind: 'mirror', mirror: 'osaka', releasesOnly: false },
  ];
  const atMaster = {
    ftp: { host: '0.0.0.0', port: 2121, tls: 'required' },
    link: { host: '0.0.0.0', port: 2122 },
    sites: [{ name: 'www', root: '/srv/www' }],
  };
  const atMirror = { follows: [{ site: 'www', master: 'f'.repeat(64), root: '/srv/mirror' }] };
  config = configSchema.parse({
    version: 1,
    node: { name: 'origin', role },
    ...(role === 'master' ? atMaster : atMirror),
  });
  const view = () => ({
    config,
    revision: 'a'.repeat(64),
    dataDir: '/var/lib/lockstep',
    file: '/var/lib/lockstep/config.json',
    databaseBytes: 1_234_567,
  });
  const refuse = (): void => {
    const error = refused;
    refused = undefined;
    if (error) throw error;
  };
  const status = role === 'master' ? masterStatus([peer('tokyo')]) : mirrorStatus(peer('origin'));
  engine = await startScriptedEngine(status, [], {
    'config.get': view,
    'config.set': ({ changes }: { changes: ConfigChanges }) => {
      refuse();
      config = changedConfig(config, changes);
      return view();
    },
    'site.set': ({ name, ...changes }: SiteChanges & { name: string }) => {
      refuse();
      config = {
        ...config,
        sites: config.sites.map((site) => (site.name === name ? changedSite(site, changes) : site)),
      };
      return { name };
    },
    'site.rescan': ({ name }: { name: string }) => {
      refuse();
      return { found: 12_408, changed: name === 'www' ? 3 : 0 };
    },
    'site.add': ({ name, root }: { name: string; root: string }) => {
      refuse();
      config = configSchema.parse({ ...config, sites: [...config.sites, { name, root }] });
      return { name, root };
    },
    'site.remove': ({ name, dryRun }: { name: string; dryRun?: boolean }) => {
      if (dryRun !== true) config = { ...config, sites: [] };
      return { name, files: 12_408, mirrors: ['osaka', 'tokyo'], accounts: 1 };
    },
    'account.add': (params: { user: string; site: string; folder: string }) => {
      refuse();
      accounts.push({ ...params, kind: 'publisher', releasesOnly: false, password: undefined });
      return { user: params.user };
    },
    'account.password': ({ user }: { user: string }) => ({ user }),
    'account.remove': ({ user }: { user: string }) => {
      accounts = accounts.filter((each) => (each as { user: string }).user !== user);
      return { user };
    },
    'account.list': () => accounts,
    'node.certificates': () => ({
      own: certificate('f'),
      ...(role === 'master' && { ftp: { file: '/etc/ssl/www.pem', shown: certificate('a') } }),
    }),
    'node.backup': ({ file }: { file: string }) => {
      refuse();
      return { file, bytes: 1_234_567, notSaved: ['/etc/ssl/www.key'] };
    },
    'account.unlock': ({ who }: { who: string }) => ({ who }),
    'console.address': () => ({ url: 'https://127.0.0.1:8443/#token=abc' }),
  });
}

test.afterEach(() => engine.stop());

/** Without `site.remove` as a question, and what only reads. */
const done = () =>
  engine.calls.filter(
    ({ name, params }) => (params as { dryRun?: boolean }).dryRun !== true && name !== 'node.certificates',
  );

test('where it listens is changed in the form; what is refused says why, and stays typed', async ({ open }) => {
  await start();
  const page = await open(engine, { at: 'settings' });
  const panel = page.getByRole('region', { name: 'Listening on' });
  const ftp = panel.getByRole('group', { name: /^FTP/ });
  await expect(ftp.getByLabel('Port', { exact: true })).toHaveValue('2121');
  await expect(ftp.getByText('the install’s own, with the fingerprint above')).toBeVisible();
  await expect(panel.getByRole('button', { name: 'Save' })).toHaveCount(0);
  await ftp.getByLabel('Port', { exact: true }).fill('21');
  await ftp.getByRole('button', { name: 'Also without TLS' }).click();
  await expect(ftp.getByText('Without TLS, anyone on the way can read')).toBeVisible();
  await ftp.getByLabel('Public address').fill('203.0.113.7');
  await ftp.getByText('Limits').click();
  await ftp.getByLabel('Sessions', { exact: true }).fill('50');
  await panel.getByLabel('Other installs may connect here').uncheck();
  refused = new AppError('port.denied', { port: 21, host: '0.0.0.0' });
  await panel.getByRole('button', { name: 'Save' }).click();
  await expect(panel.getByRole('alert')).toContainText('21');
  await expect(ftp.getByLabel('Port', { exact: true })).toHaveValue('21');
  await page.screenshot({ path: join(pictures, 'settings-listening.png'), fullPage: true });
  expect(await seriousTrouble(page)).toEqual([]);
  await panel.getByRole('button', { name: 'Save' }).click();
  await expect(panel.getByText('Saved and in force.')).toBeVisible();
  expect(config).toMatchObject({
    ftp: { port: 21, tls: 'optional', passive: { address: '203.0.113.7' }, limits: { sessions: 50, idleSeconds: 300 } },
  });
  expect(config).not.toHaveProperty('link');
  expect(done().at(-1)?.params).toMatchObject({ revision: 'a'.repeat(64) });
  await ftp.getByLabel('Port', { exact: true }).fill('70000');
  await panel.getByRole('button', { name: 'Save' }).click();
  await expect(ftp.getByLabel('Port', { exact: true })).toHaveJSProperty('validity.valid', false);
  await panel.getByRole('button', { name: 'Discard the changes' }).click();
  await expect(ftp.getByLabel('Port', { exact: true })).toHaveValue('21');
  expect(done()).toHaveLength(2);
});

test('an index of the parts: by pointer, by keys and by address; the one that is read is marked', async ({ open }) => {
  await start();
  const page = await open(engine, { at: 'settings/listening' });
  const index = page.getByRole('navigation', { name: 'Sections' });
  const marked = index.locator('[aria-current]');
  const top = async (name: string): Promise<number> =>
    (await page.getByRole('region', { name }).boundingBox())?.y ?? Number.NaN;
  // The address names a part: it is there once the engine has said how the install is set.
  await expect(marked).toHaveText('Listening on');
  await expect.poll(() => top('Listening on')).toBeLessThan(40);
  await expect(index.getByRole('link')).toHaveText([
    'Appearance',
    'Checks',
    'Thorough check',
    'This install',
    'Sites',
    'Accounts',
    'Listening on',
    'Data folder',
    'Certificate and backup',
    'About',
  ]);

  await index.getByRole('link', { name: 'Sites' }).click();
  await expect(marked).toHaveText('Sites');
  await expect.poll(() => top('Sites')).toBeLessThan(40);
  await page.goBack();
  await expect.poll(() => top('Listening on')).toBeLessThan(40);

  // The last comes to the top as little as the window lets it; it is the one that was chosen.
  await index.getByRole('link', { name: 'Appearance' }).focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect(marked).toHaveText('About');
  await expect(page.getByRole('region', { name: 'About' })).toBeInViewport();
  await index.getByRole('link', { name: 'Accounts' }).press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Add an account' })).toBeFocused();

  // Whoever scrolls sees where they are.
  await page.getByRole('main').evaluate((main) => main.scrollTo(0, 0));
  await expect(marked).toHaveText('Appearance');
  await page.getByRole('main').evaluate((main) => main.scrollTo(0, main.scrollHeight));
  await expect(marked).toHaveText('About');
  await page.screenshot({ path: join(pictures, 'settings-index.png') });
  await page.setViewportSize({ width: 560, height: 700 });
  await expect(marked).toBeInViewport();
  expect(await seriousTrouble(page)).toEqual([]);
});

test('where the certificate comes from and how long it holds; a backup is saved, and what it does not hold is named', async ({
  open,
}) => {
  await start();
  const page = await open(engine, { at: 'settings/safety' });
  const panel = page.getByRole('region', { name: 'Certificate and backup' });
  await expect(panel).toContainText('f'.repeat(64));
  await expect(panel).toContainText(/Valid until .*2076.* days\)/);
  await expect(panel).toContainText('Yours, from /etc/ssl/www.pem');
  await expect(panel).toContainText('lockstep restore FILE --data DIR');
  await panel.getByRole('button', { name: 'Save a backup…' }).click();
  const form = page.getByRole('dialog', { name: 'Save a backup' });
  await expect(form.getByRole('button', { name: 'Save', exact: true })).toBeDisabled();
  await form.getByLabel('Folder to save it in').fill('/mnt/backups/');
  refused = new AppError('file.not-found', { path: '/mnt/backups' });
  await page.keyboard.press('Enter');
  await expect(form.getByRole('alert')).toBeVisible();
  expect(await seriousTrouble(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await expect(form).toBeHidden();
  expect(done().at(-1)).toEqual({
    name: 'node.backup',
    params: { file: expect.stringMatching(/^\/mnt\/backups\/lockstep-origin-\d{4}(?:-\d\d){5}\.db$/) },
  });
  await expect(panel).toContainText('Saved as /mnt/backups/lockstep-origin-');
  await expect(panel).toContainText('Not in it: /etc/ssl/www.key. Save it yourself.');
  await page.screenshot({ path: join(pictures, 'settings-safety.png') });
  expect(await seriousTrouble(page)).toEqual([]);
});

test('the install is called otherwise', async ({ open }) => {
  await start();
  const page = await open(engine, { at: 'settings' });
  const panel = page.getByRole('region', { name: 'This install' });
  await panel.getByLabel('Name').fill('kyoto');
  await expect(panel.getByText('keep using its old name')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect.poll(() => config.node.name).toBe('kyoto');
});

test('sites: looked at anew, also where much is gone; set, added, and removed by typing the name', async ({ open }) => {
  await start();
  const page = await open(engine, { at: 'settings' });
  const panel = page.getByRole('region', { name: 'Sites' });
  await panel.getByRole('button', { name: 'Rescan' }).click();
  await expect(panel.getByText('12,408 checked, 3 changed.')).toBeVisible();
  refused = new AppError('guard.held', { count: 800, of: 1000 });
  await panel.getByRole('button', { name: 'Rescan' }).click();
  const held = page.getByRole('dialog', { name: '800 of 1,000 files are gone from the folder' });
  await page.screenshot({ path: join(pictures, 'settings-held.png') });
  await held.getByRole('button', { name: 'Delete them' }).click();
  await expect(held).toBeHidden();
  expect(done().at(-1)).toEqual({ name: 'site.rescan', params: { name: 'www', allowDeletes: true } });

  await panel.getByRole('button', { name: 'Edit…' }).click();
  const form = page.getByRole('dialog', { name: 'The site www' });
  await form.getByLabel('Folder').fill('/mnt/www');
  await form.getByLabel('Also find changes made without FTP').check();
  await form.getByLabel('Days to keep replaced files').fill('7');
  await form.getByLabel('For a target that does not exist (s)').fill('3');
  await form.getByLabel('Addresses of the site').fill('https://example.org/\nhttps://www.example.org/');
  await form.getByLabel('Announce by multicast').check();
  await page.screenshot({ path: join(pictures, 'settings-site.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form).toBeHidden();
  expect(config.sites[0]).toMatchObject({
    root: '/mnt/www',
    watch: true,
    versions: { days: 7, bytes: 2 ** 31 },
    links: { missing: 3000, urls: ['https://example.org/', 'https://www.example.org/'] },
    multicast: { group: '239.255.42.1', port: 7788, ttl: 1 },
  });

  await panel.getByRole('button', { name: 'Add a site' }).click();
  const add = page.getByRole('dialog', { name: 'Publish another folder' });
  await add.getByLabel('Name').fill('docs');
  await add.getByLabel('Folder').fill('/srv/docs');
  await add.getByRole('button', { name: 'Add a site' }).click();
  await expect(panel.getByText('/srv/docs')).toBeVisible();

  await panel.getByRole('button', { name: 'Remove…' }).first().click();
  const remove = page.getByRole('dialog', { name: 'Stop publishing www?' });
  await expect(remove).toContainText('The 12,408 files stay in their folder, and on the mirrors.');
  await expect(remove).toContainText('osaka, tokyo will get no more updates.');
  await page.screenshot({ path: join(pictures, 'settings-remove.png') });
  const button = remove.getByRole('button', { name: 'Remove the site' });
  await expect(button).toBeDisabled();
  await remove.getByRole('textbox').fill('www');
  await button.click();
  await expect(panel.getByText('No site yet.')).toBeVisible();
  expect(await seriousTrouble(page)).toEqual([]);
});

test('accounts: a password is made and shown once, or chosen; removed', async ({ open }) => {
  await start();
  const page = await open(engine, { at: 'settings' });
  const panel = page.getByRole('region', { name: 'Accounts' });
  await expect(panel.getByRole('listitem')).toHaveCount(2);
  // A mirror's own account comes and goes with its pairing, and bears its name.
  await expect(panel.getByRole('listitem').filter({ hasText: 'mirror, read-only' })).toContainText('osaka');
  await expect(panel.getByRole('button', { name: 'Remove…' })).toHaveCount(1);
  await panel.getByRole('button', { name: 'Add an account' }).click();
  const form = page.getByRole('dialog', { name: 'New account' });
  await form.getByLabel('Name').fill('bob');
  await form.getByLabel('Folder (empty: the whole site)').fill('img');
  await form.getByRole('button', { name: 'Add an account' }).click();
  const password = await panel.getByRole('status', { name: 'Password' }).textContent();
  expect(password).toMatch(/^[a-z2-9]{26}$/);
  expect(done().at(-1)).toEqual({
    name: 'account.add',
    params: { user: 'bob', site: 'www', folder: 'img', password, releasesOnly: false },
  });
  await page.screenshot({ path: join(pictures, 'settings-account.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await panel.getByRole('listitem').filter({ hasText: 'alice' }).getByRole('button', { name: 'New password…' }).click();
  // What was shown once is gone by then.
  await expect(panel.getByRole('status', { name: 'Password' })).toHaveCount(0);
  const change = page.getByRole('dialog', { name: 'New password for alice' });
  await change.getByRole('button', { name: 'Choose one' }).click();
  await change.getByLabel('At least 8 characters').fill('a good password');
  await change.getByRole('button', { name: 'Change it' }).click();
  await expect(change).toBeHidden();
  expect(done().at(-1)).toEqual({ name: 'account.password', params: { user: 'alice', password: 'a good password' } });
  await expect(panel.getByText('a good password')).toHaveCount(0);
  await panel.getByRole('listitem').filter({ hasText: 'bob' }).getByRole('button', { name: 'Remove…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove the account' }).click();
  await expect(panel.getByRole('listitem')).toHaveCount(2);
});

test('who is kept out after wrong passwords is told, until when, and let in again', async ({ open }) => {
  await start();
  const page = await open(engine, { at: 'settings' });
  const panel = page.getByRole('region', { name: 'Accounts' });
  const until = Date.now() + 600_000;
  const kept = { kind: 'address' as const, who: '192.0.2.17', until, tried: 'alice' };
  engine.show(masterStatus([peer('tokyo')], { lockOuts: [kept, { ...kept, who: '192.0.2.18', until: 1 }] }));
  const list = panel.getByRole('region', { name: 'Locked out' });
  // The other one can log in again by now.
  await expect(list.getByRole('listitem')).toHaveCount(1);
  await expect(list).toContainText('192.0.2.17 cannot log in by FTP');
  await expect(list).toContainText('The last was for alice.');
  expect(await seriousTrouble(page)).toEqual([]);
  await list.getByRole('button', { name: 'Let in again 192.0.2.17' }).click();
  await expect.poll(() => done().at(-1)).toEqual({ name: 'account.unlock', params: { who: '192.0.2.17' } });
  engine.show(masterStatus([peer('tokyo')]));
  await expect(list).toHaveCount(0);
});

test('at a mirror, in Japanese and dark; in a small window', async ({ open }) => {
  await start('mirror');
  const page = await open(engine, { at: 'settings', locale: 'ja-JP', colorScheme: 'dark' });
  await expect(page.getByText('/srv/mirror')).toBeVisible();
  await expect(page.getByRole('region', { name: 'アカウント' })).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'データフォルダー' })).toContainText('1.2 MB');
  await page.getByRole('region', { name: 'データフォルダー' }).scrollIntoViewIfNeeded();
  await page.screenshot({ path: join(pictures, 'settings-ja-dark.png') });
  expect(await seriousTrouble(page)).toEqual([]);
  await expectFits(page, join(pictures, 'settings'), () =>
    page
      .getByRole('region', { name: '待ち受け' })
      .first()
      .scrollIntoViewIfNeeded()
      .catch(() => undefined),
  );
});
