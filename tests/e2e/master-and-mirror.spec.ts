import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Page } from '@playwright/test';
import { Client } from 'basic-ftp';
import { expect, launch, test } from '../support/desktop-app.ts';
import { goToOverview, pairingCode, startAsMaster, startAsMirror } from '../support/first-start-page.ts';

test('two apps on one machine: paired, a file put by FTP, seen at the mirror', async ({ app, window, home }) => {
  const [site, copy] = [join(home, 'site'), join(home, 'copy')];
  mkdirSync(site);
  mkdirSync(copy);
  await startAsMaster(window, { root: site, name: 'origin' });
  const code = await pairingCode(window);
  await goToOverview(window);
  const mirror = await launch(join(home, 'mirror'));
  const mirrorWindow = await mirror.firstWindow();
  await startAsMirror(mirrorWindow, { code, root: copy, name: 'tokyo' });
  await goToOverview(mirrorWindow);

  await expect(window.getByRole('heading', { name: 'The mirror is in step' })).toBeVisible();
  await expect(mirrorWindow.getByRole('heading', { name: 'In step with origin' })).toBeVisible();

  await put(window, 'hello.html', '<p>hello');
  await expect(window.getByRole('row', { name: /hello\.html/ })).toContainText('the mirror');
  await expect(mirrorWindow.getByRole('row', { name: /hello\.html/ })).toContainText('here');
  expect(readFileSync(join(copy, 'hello.html'), 'utf8')).toBe('<p>hello');
  await window.screenshot({ path: join(import.meta.dirname, '..', '..', '.cache', 'pictures', 'two-apps.png') });
  await mirror.close();
  await expect(window.getByRole('heading', { name: 'The mirror is not in step' })).toBeVisible();
  await app.close();
});

/** A PUT by a client that knows nothing of the app, with what the app shows: the address and a new account. */
async function put(window: Page, path: string, content: string): Promise<void> {
  await window.getByLabel('Account name').fill('editor');
  await window.getByRole('button', { name: 'Make an account' }).click();
  const password = await window.getByRole('status', { name: 'Password' }).innerText();
  await expect(window.getByText('Can upload: editor')).toBeVisible();
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
  await client.uploadFrom(Readable.from([content]), path);
  client.close();
}
