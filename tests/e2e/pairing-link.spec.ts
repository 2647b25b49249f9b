import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { encodePairingCode } from '../../electron/engine/link/pairing-code.ts';
import { seriousTrouble } from '../support/console-page.ts';
import { expect, launch, test } from '../support/desktop-app.ts';
import { goToOverview, pairingCode, startAsMaster, startAsMirror } from '../support/first-start-page.ts';

/** For people to look at; not compared. */
const pictures = process.env['LOCKSTEP_PICTURES'] ?? join(import.meta.dirname, '..', '..', '.cache', 'pictures');

test('a link opened at a mirror that is set up fills the form for a further site, which says what is wrong with the code', async ({
  app,
  window,
  home,
}) => {
  const site = join(home, 'site');
  mkdirSync(site);
  await startAsMaster(window, { root: site, name: 'origin' });
  const used = await pairingCode(window);
  await goToOverview(window);
  const there = join(home, 'mirror');
  const mirror = await launch(there);
  const page = await mirror.firstWindow();
  await startAsMirror(page, { code: used, root: join(home, 'copy'), name: 'tokyo' });
  await goToOverview(page);
  await page.evaluate(() => void (location.hash = '#/settings'));
  const dialog = page.getByRole('dialog');
  const field = dialog.getByRole('textbox', { name: /code/ });

  await openLink(there, `lockstep:${used}`);
  await expect(field).toHaveValue(used);
  expect(page.url()).not.toContain(used);
  await expect(dialog.getByText('This mirror already follows the site “www”.')).toBeVisible();
  expect(await seriousTrouble(page)).toEqual([]);
  await dialog.getByLabel('Folder').fill(join(home, 'copy-2'));
  await expect(dialog.getByRole('button', { name: 'Follow' })).toBeDisabled();
  await page.screenshot({ path: join(pictures, 'pairing-link-followed.png') });

  await openLink(there, `lockstep:${expired()}`);
  await expect(dialog.getByText('This pairing code is no longer valid.')).toBeVisible();
  await openLink(there, `lockstep:${used.slice(0, -40)}`);
  await expect(dialog.getByText('This is not a complete pairing code.')).toBeVisible();
  await openLink(there, 'lockstep:lockstep1-<b>');
  await expect(field).toHaveValue('lockstep1-');
  await expect(dialog.getByText('This is not a complete pairing code.')).toBeVisible();
  await page.screenshot({ path: join(pictures, 'pairing-link-broken.png') });
  await field.fill(`lockstep:${await invite(window)}`);
  await expect(dialog.getByText('This mirror already follows the site “www”.')).toBeVisible();
  await mirror.close();

  await openLink(home, `lockstep:${used}`);
  await expect(window.getByRole('log')).toContainText('Open the link on the mirror.');
  await window.screenshot({ path: join(pictures, 'pairing-link-at-master.png') });
  await app.close();
});

/** As the system does it: a second start, which hands the link to the first and ends. */
async function openLink(home: string, link: string): Promise<void> {
  await launch(home, { args: [link] }).catch(() => undefined);
}

async function invite(master: Page): Promise<string> {
  await master.getByRole('link', { name: 'Mirrors' }).click();
  await master.getByRole('button', { name: /pairing code/ }).click();
  const link = await master.getByRole('status', { name: 'The code as a link' }).innerText();
  expect(link).toMatch(/^lockstep:lockstep1-[\w-]+$/);
  return link.slice('lockstep:'.length);
}

function expired(): string {
  return encodePairingCode({
    addresses: ['127.0.0.1:9'],
    fingerprint: 'a'.repeat(64),
    secret: 'a'.repeat(22),
    expiresAt: 1000,
    site: 'shop',
  });
}
