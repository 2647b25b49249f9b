import { join } from 'node:path';
import type { Status } from '../../shared/contract/status.ts';
import { expect, seriousTrouble } from '../support/console-page.ts';
import { fingerprint, review, test } from '../support/publish-page.ts';
import { masterStatus, mirrorStatus, peer } from '../support/statuses.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');

test('by the keyboard alone a target is saved: no key trusts a certificate that nobody has seen, and each next step has the focus', async ({
  open,
  start,
}) => {
  const publishing = await start();
  const page = await open(publishing.engine, { at: 'publish' });
  await page.getByRole('combobox', { name: 'To' }).selectOption({ label: 'Add a target…' });
  const form = page.getByRole('dialog', { name: 'Add an FTP server as a target' });
  await form.getByLabel('Name', { exact: true }).fill('shop');
  await form.getByLabel('Server', { exact: true }).fill('ftp.example.com');
  await form.getByLabel('User').fill('editor');
  await form.getByLabel('Password', { exact: true }).fill('a secret');
  await page.keyboard.press('Enter');
  const certificate = form.getByRole('alert', { name: 'Is this the right server?' });
  await expect(certificate).toBeFocused();
  const trust = form.getByRole('button', { name: 'It matches: trust this certificate' });
  await expect(trust).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('Enter');
  await form.getByLabel('Password', { exact: true }).press('Enter');
  await expect(trust).toBeEnabled();
  await expect(certificate).toBeVisible();
  await trust.focus();
  await page.keyboard.press('Enter');
  await expect(form.getByRole('button', { name: 'Save' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('combobox', { name: 'To' })).toHaveValue('shop');
});

test('a target is tested, its certificate compared and confirmed, saved, and dropped to', async ({ open, start }) => {
  const publishing = await start();
  const page = await open(publishing.engine);
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
  expect(publishing.engine.calls.at(-1)).toEqual({
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
  expect(publishing.engine.calls.at(-1)).toMatchObject({
    name: 'publish.plan',
    params: { to: { kind: 'target', target: 'shop' } },
  });
  await page.getByRole('button', { name: 'Publish 33 changes' }).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  publishing.advance({ state: { is: 'done', changes: 33 }, endedAt: Date.now() + 3_000 });
  await expect(page.getByRole('heading', { name: 'shop has 33 more changes' })).toBeVisible();
});

const withoutSite: readonly (readonly [string, Status])[] = [
  ['a master without a site', masterStatus([], { sites: [] })],
  ['a mirror that follows nothing', { ...mirrorStatus(peer('origin')), sites: [] }],
];
for (const [what, status] of withoutSite)
  test(`${what} publishes to a target: it is asked for one first, and says nothing of mirrors and releases`, async ({
    open,
    start,
  }) => {
    const publishing = await start([], status);
    const page = await open(publishing.engine);
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
    expect(publishing.engine.calls.at(-1)).toEqual({
      name: 'publish.plan',
      params: { to: { kind: 'target', target: 'shop' }, sources: ['/srv/build/dist'], delete: false },
    });
    await page.getByRole('button', { name: 'Publish 33 changes' }).click();
    await expect(page.getByRole('progressbar')).toBeVisible();
    publishing.advance({ state: { is: 'done', changes: 33 }, endedAt: Date.now() + 3_000 });
    await expect(page.getByRole('heading', { name: 'shop has 33 more changes' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Earlier releases' })).toHaveCount(0);
    await page.getByRole('button', { name: 'Publish something else' }).click();
    await expect(page.getByLabel(`Folder on ${machine}`)).toBeVisible();
  });

test('targets are imported from a file: what it holds is shown first, and what is not wanted is left', async ({
  open,
  start,
}) => {
  const publishing = await start();
  const page = await open(publishing.engine);
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
  expect(publishing.targets.map(({ name }) => name)).toEqual(['shop.example.org', 'old']);
  expect(await page.content()).not.toContain('secret-1');
});
