import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Client } from 'basic-ftp';
import { seriousTrouble } from '../support/console-page.ts';
import { expect, launch, test } from '../support/desktop-app.ts';
import { goToOverview, pairingCode, startAsMaster, startAsMirror } from '../support/first-start-page.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');

test('a master is working after its first start, and is there again after the second', async ({
  app,
  window,
  home,
}) => {
  const site = join(home, 'example.org');
  mkdirSync(site);
  writeFileSync(join(site, 'index.html'), '<p>hello');
  await window.getByRole('button', { name: /^Master/ }).click();
  await app.evaluate(({ dialog }, folder) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [folder] });
  }, site);
  await window.getByRole('button', { name: 'Choose…' }).click();
  await expect(window.getByLabel('Folder of the site')).toHaveValue(site);
  await expect(window.getByText('It holds one file or folder.')).toBeVisible();
  await expect(window.getByLabel('Name of the site')).toHaveValue('example.org');
  expect(await seriousTrouble(window)).toEqual([]);
  await window.keyboard.press('Enter');
  await expect(window.getByText('Step 3 of 3')).toBeVisible();
  await window.getByLabel('Name of this machine').fill('origin');
  expect(existsSync(join(home, 'data', 'config.json'))).toBe(false);
  await window.getByRole('button', { name: 'Start' }).click();

  await expect(window.getByRole('heading', { name: 'example.org is served' })).toBeVisible();
  expect(await pairingCode(window)).toMatch(/^lockstep1-/);
  await expect(window.getByText(/It answers, as seen from here\./)).toBeVisible();
  expect(await seriousTrouble(window)).toEqual([]);
  const password = await window.getByRole('status', { name: 'Password' }).innerText();
  const address = new URL(await window.getByText(/^ftp:/).innerText());
  const client = new Client();
  await client.access({
    host: '127.0.0.1',
    port: Number(address.port),
    user: 'editor',
    password,
    secure: true,
    // The certificate is the install's own, made a moment ago.
    secureOptions: { rejectUnauthorized: false },
  });
  await client.uploadFrom(Readable.from(['new']), 'new.html');
  client.close();
  await goToOverview(window);
  await expect(window.getByRole('complementary')).toContainText('origin');
  await expect(window.getByText(password)).toHaveCount(0);
  await app.close();

  const again = await launch(home);
  await expect((await again.firstWindow()).getByRole('complementary')).toContainText('origin');
  await again.close();
});

test('a mirror is led from a code to its first files, and leaves alone what is not the master’s', async ({
  app,
  window,
  home,
}) => {
  const [site, copy] = [join(home, 'site'), join(home, 'copy')];
  for (const folder of [site, copy]) mkdirSync(folder);
  for (let file = 0; file < 40; file += 1) writeFileSync(join(site, `page-${file}.html`), `page ${file}`);
  writeFileSync(join(copy, 'mine.txt'), 'mine');
  writeFileSync(join(copy, 'page-1.html'), 'an old one');
  await startAsMaster(window, { root: site, name: 'origin' });
  const code = await pairingCode(window);

  const mirror = await launch(join(home, 'mirror'));
  const page = await mirror.firstWindow();
  await page.getByRole('button', { name: /^Mirror/ }).click();
  const field = page.getByLabel('Pairing code from the master');

  await field.fill(`${code.slice(0, -3)}xyz`);
  await expect(page.getByText('This is not a complete pairing code.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Continue' })).toBeDisabled();
  await field.fill(`  ${code.slice(0, 40)}\n${code.slice(40)}  `);
  await expect(page.getByText(/^The master answers at/)).toBeVisible();
  await expect(page.getByRole('region', { name: 'The master' })).toContainText('www');
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: 'Continue' }).click();

  await page.getByLabel('Folder to fill').fill(join(home, 'mirror', 'data'));
  await expect(page.getByText(/is the folder of another site or of Lockstep itself/)).toBeVisible();
  await page.getByLabel('Folder to fill').fill(copy);
  await expect(page.getByText(/^It holds 2 files and folders\. Files equal to the master’s stay/)).toBeVisible();
  await page.getByLabel('Name of this machine').fill('not a name');
  await expect(page.getByText(/^Up to 64 letters, digits/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Start' })).toBeDisabled();

  // Back and forth: what was decided is still there.
  await page.getByRole('button', { name: 'Back' }).click();
  await expect(page.getByText(/^The master answers at/)).toBeVisible();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByLabel('Folder to fill')).toHaveValue(copy);
  await page.getByLabel('Name of this machine').fill('tokyo');
  expect(existsSync(join(home, 'mirror', 'data', 'config.json'))).toBe(false);
  await page.getByRole('button', { name: 'Start' }).click();

  await expect(page.getByRole('heading', { name: 'www is in step' })).toBeVisible();
  await expect(page.getByText('40 files are here')).toBeVisible();
  expect(await seriousTrouble(page)).toEqual([]);
  expect(readFileSync(join(copy, 'page-1.html'), 'utf8')).toBe('page 1');
  expect(readFileSync(join(copy, 'mine.txt'), 'utf8')).toBe('mine');
  await expect(window.getByRole('listitem').filter({ hasText: 'tokyo' })).toContainText('in step');
  await mirror.close();
  await app.close();
});

test('a master that does not answer, and a code that was used up, are explained before anything is written', async ({
  app,
  window,
  home,
}) => {
  const site = join(home, 'site');
  mkdirSync(site);
  await startAsMaster(window, { root: site, name: 'origin' });
  const code = await pairingCode(window);
  await goToOverview(window);
  const first = await launch(join(home, 'first'));
  await startAsMirror(await first.firstWindow(), { code, root: join(home, 'copy-1'), name: 'tokyo' });
  await first.close();

  const second = await launch(join(home, 'second'));
  const page = await second.firstWindow();
  await page.getByRole('button', { name: /^Mirror/ }).click();
  await page.getByLabel('Pairing code from the master').fill(code);
  await expect(page.getByText('pair.used')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Continue' })).toBeDisabled();
  expect(existsSync(join(home, 'second', 'data', 'config.json'))).toBe(false);

  await window.getByRole('link', { name: 'Overview' }).click();
  await app.close();
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByRole('button', { name: /^Mirror/ }).click();
  await expect(page.getByText('The master does not answer from here.')).toBeVisible();
  await expect(page.getByText('link.unreachable').first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Continue' })).toBeDisabled();

  // The same window makes a master of it instead: nothing of the attempt is left.
  await page.getByRole('button', { name: 'Back' }).click();
  const other = join(home, 'other');
  mkdirSync(other);
  await startAsMaster(page, { root: other, name: 'origin-2' });
  await second.close();
});

test('what cannot be is explained at its field', async ({ window, home }) => {
  await window.getByRole('button', { name: /^Master/ }).click();
  await window.getByLabel('Folder of the site').fill(join(home, 'missing'));
  await expect(window.getByText(/^This folder does not exist/)).toBeVisible();
  await window.getByLabel('Name of the site').fill('not a name');
  await expect(window.getByText(/^Up to 64 letters, digits/)).toBeVisible();
  await expect(window.getByRole('button', { name: 'Continue' })).toBeDisabled();
  await window.getByLabel('Folder of the site').fill(join(home, 'data'));
  await expect(window.getByText('site.root-clash')).toBeVisible();
  await window.getByLabel('Name of the site').fill('www');
  const taken = join(home, 'taken');
  mkdirSync(join(taken, '.lockstep'), { recursive: true });
  writeFileSync(join(taken, '.lockstep', 'mark'), `${'7'.repeat(32)}\n`);
  await window.getByLabel('Folder of the site').fill(taken);
  await expect(window.getByText('site.root-taken')).toBeVisible();
  await expect(window.getByRole('button', { name: 'Continue' })).toBeDisabled();
  await window.getByLabel(/^Take the folder over/).check();
  await expect(window.getByRole('button', { name: 'Continue' })).toBeEnabled();
});

test('who only publishes to FTP servers needs no site and no mirror: the first start leads to the first server', async ({
  app,
  window,
  home,
}) => {
  const build = join(home, 'build');
  mkdirSync(build);
  writeFileSync(join(build, 'index.html'), '<p>hello');
  const [site, server] = [join(home, 'site'), await launch(join(home, 'server'))];
  mkdirSync(site);
  const there = await server.firstWindow();
  await startAsMaster(there, { root: site, name: 'there', account: 'editor' });
  const password = await there.getByRole('status', { name: 'Password' }).innerText();
  const { port } = new URL(await there.getByText(/^ftp:/).innerText());

  await window.screenshot({ path: join(pictures, 'first-start-roles.png') });
  await window.getByRole('button', { name: /^FTP servers only/ }).click();
  await expect(window.getByText('Step 2 of 2')).toBeVisible();
  await expect(window.getByRole('heading', { name: 'Publish to FTP servers' })).toBeVisible();
  expect(existsSync(join(home, 'data', 'config.json'))).toBe(false);
  await window.getByRole('button', { name: 'Back' }).click();
  await window.getByRole('button', { name: /^FTP servers only/ }).click();
  await window.getByRole('button', { name: 'Start' }).click();

  await expect(window.getByRole('heading', { name: 'No FTP server yet' })).toBeVisible();
  // Nobody on the network is let in.
  const config = JSON.parse(readFileSync(join(home, 'data', 'config.json'), 'utf8'));
  expect([config.node.role, config.ftp.host, config.link.host]).toEqual(['master', '127.0.0.1', '127.0.0.1']);
  expect(await seriousTrouble(window)).toEqual([]);
  await window.screenshot({ path: join(pictures, 'first-start-ftp-only.png') });
  await window.getByRole('button', { name: 'Add a target…' }).click();
  const form = window.getByRole('dialog', { name: 'Add an FTP server as a target' });
  await form.getByLabel('Name', { exact: true }).fill('shop');
  await form.getByLabel('Server', { exact: true }).fill('127.0.0.1');
  await form.getByLabel('Port').fill(port);
  await form.getByLabel('User').fill('editor');
  await form.getByLabel('Password', { exact: true }).fill(password);
  await form.getByRole('button', { name: 'Test the connection' }).click();
  await form.getByRole('button', { name: 'It matches: trust this certificate' }).click();
  await form.getByRole('button', { name: 'Save' }).click();
  // There is no keychain here: it says what to do, and that does it.
  await expect(form.getByRole('alert')).toContainText('Save without the password');
  await form.getByLabel('Keep the password on this machine, encrypted').uncheck();
  await form.getByRole('button', { name: 'Save' }).click();
  await window.getByLabel('Or a folder by its path').fill(build);
  await window.getByRole('button', { name: 'See what would change' }).click();
  await window.getByRole('button', { name: 'Publish 1 change' }).click();
  await expect(window.getByRole('heading', { name: 'shop has 1 more change' })).toBeVisible();
  expect(readFileSync(join(site, 'index.html'), 'utf8')).toBe('<p>hello');

  // Whoever comes back is not asked for a site again.
  await app.close();
  const again = await launch(home);
  const page = await again.firstWindow();
  await expect(page.getByRole('heading', { name: 'Publishes to FTP servers' })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'overview-ftp-only.png') });
  await page.getByRole('link', { name: 'shop' }).click();
  await expect(page.getByRole('combobox', { name: 'To' })).toHaveValue('shop');
  await again.close();
  await server.close();
});
