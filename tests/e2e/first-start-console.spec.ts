import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Install } from '../../electron/entry/demo/install.ts';
import { expect, seriousTrouble, test as base } from '../support/console-page.ts';
import { goToOverview, pairingCode } from '../support/first-start-page.ts';

interface Fixtures {
  readonly home: string;
  /** Makes an install by the command line and runs it. */
  readonly run: (name: string, ...init: string[]) => Promise<{ url: string }>;
}

const test = base.extend<Fixtures>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads a fixture's needs from this pattern
  home: async ({}, use) => {
    const home = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-console-')));
    await use(home);
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  },
  run: async ({ home }, use) => {
    const installs: Install[] = [];
    await use(async (name, ...init) => {
      const install = new Install(name, join(home, name));
      installs.push(install);
      await install.lockstep('init', '--name', name, ...init);
      await install.run();
      return { url: await install.lockstep('console') };
    });
    for (const install of installs) await install.stop();
  },
});

test('an install without a site is led through the same steps in the browser, master and mirror', async ({
  home,
  run,
  open,
}) => {
  const [site, copy] = [join(home, 'site'), join(home, 'copy')];
  mkdirSync(site);
  writeFileSync(join(site, 'index.html'), '<p>hello');
  const local = ['--ftp', '127.0.0.1:0', '--link', '127.0.0.1:0'];
  const page = await open(await run('origin', '--role', 'master', ...local));
  await expect(page.getByRole('heading', { name: 'Which folder is the site?' })).toBeVisible();
  await expect(page.getByText('Step 1 of 2')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Back' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Choose…' })).toHaveCount(0);
  for (const name of ['Publish', 'Site', 'Mirrors', 'History']) {
    await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
    await expect(page.getByRole('heading', { name, exact: true, level: 1 })).toBeVisible();
    await page.getByRole('link', { name: 'Start on the overview' }).click();
    await expect(page.getByText('Step 1 of 2')).toBeVisible();
  }
  const rights = ['Folder of the site', 'Name of the site'].map(async (label) => {
    const { x = 0, width = 0 } = (await page.getByLabel(label).boundingBox()) ?? {};
    return x + width;
  });
  const [ofFolder, ofName] = await Promise.all(rights);
  expect(ofFolder).toBe(ofName);
  await page.getByLabel('Folder of the site').fill(site);
  await page.getByLabel('Name of the site').fill('www');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Make an account for uploads').uncheck();
  expect(await seriousTrouble(page)).toEqual([]);
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByRole('heading', { name: 'www is served' })).toBeVisible();
  await expect(page.getByText(/^Only mirrors on this machine can reach this master/)).toBeVisible();
  const code = await pairingCode(page);

  const mirror = await open(await run('tokyo', '--role', 'mirror'));
  await mirror.getByLabel('Pairing code from the master').fill(code);
  await expect(mirror.getByText(/^The master answers at 127\.0\.0\.1/)).toBeVisible();
  await mirror.getByRole('button', { name: 'Continue' }).click();
  await mirror.getByLabel('Folder to fill').fill(copy);
  await mirror.getByRole('button', { name: 'Start' }).click();
  await expect(mirror.getByRole('heading', { name: 'www is in step' })).toBeVisible();
  expect(readFileSync(join(copy, 'index.html'), 'utf8')).toBe('<p>hello');
  await goToOverview(mirror);
  await expect(mirror.getByRole('heading', { name: 'In step with origin' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'tokyo' })).toContainText('in step');
  // The code is used up: none is shown but another one, for the next mirror.
  await expect(page.getByText(code)).toHaveCount(0);
  await page.getByRole('button', { name: 'Make another code' }).click();
  expect(await pairingCode(page)).not.toBe(code);
  await goToOverview(page);
  await expect(page.getByRole('heading', { name: 'The mirror is in step' })).toBeVisible();
});
