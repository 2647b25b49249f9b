import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Page } from '@playwright/test';
import { Client } from 'basic-ftp';
import { expect, launch, test } from '../support/desktop-app.ts';

test('two apps on one machine: paired, a file put by FTP, seen at the mirror', async ({ app, window, home }) => {
  const [site, copy] = [join(home, 'site'), join(home, 'copy')];
  mkdirSync(site);
  mkdirSync(copy);
  await window.getByLabel('Folder of the site').fill(site);
  await window.getByLabel('Name of this machine').fill('origin');
  await window.getByRole('button', { name: 'Start' }).click();
  await window.getByRole('button', { name: 'Make a pairing code' }).click();
  const code = await window.getByRole('status', { name: 'Pairing code' }).innerText();

  const mirrorHome = join(home, 'mirror');
  const mirror = await launch(mirrorHome);
  const mirrorWindow = await mirror.firstWindow();
  await mirrorWindow.getByRole('radio', { name: /^Mirror/ }).check({ force: true });
  await mirrorWindow.getByLabel('Pairing code from the master').fill(code);
  await mirrorWindow.getByLabel('Folder to fill').fill(copy);
  await mirrorWindow.getByLabel('Name of this machine').fill('tokyo');
  await mirrorWindow.getByRole('button', { name: 'Start' }).click();

  await expect(window.getByRole('heading', { name: 'The mirror is in step' })).toBeVisible();
  await expect(mirrorWindow.getByRole('heading', { name: 'In step with origin' })).toBeVisible();

  await put(window, 'hello.html', '<p>hello');
  await expect(window.getByRole('row', { name: /hello\.html/ })).toContainText('the mirror');
  await expect(mirrorWindow.getByRole('row', { name: /hello\.html/ })).toContainText('here');
  expect(readFileSync(join(copy, 'hello.html'), 'utf8')).toBe('<p>hello');
  await window.screenshot({ path: join(import.meta.dirname, '..', '..', '.cache', 'pictures', 'two-apps.png') });
  await mirror.close();
  await expect(window.getByRole('heading', { name: '0 of 1 mirrors are in step' })).toBeVisible();
  await app.close();
});

/** A PUT by a client that knows nothing of the app, on the address that the app tells. */
async function put(window: Page, path: string, content: string): Promise<void> {
  const { port, password } = await window.evaluate(async () => {
    interface Api {
      call(name: string, params: unknown): Promise<{ ok: boolean; value: { listeners: { ftp: { port: number } } } }>;
    }
    const api = Reflect.get(window, 'lockstep') as Api;
    const password = crypto.randomUUID();
    await api.call('account.add', { user: 'editor', site: 'www', password });
    const status = await api.call('node.status', {});
    return { port: status.value.listeners.ftp.port, password };
  });
  const client = new Client();
  // The certificate is the install's own, made a moment ago.
  await client.access({
    host: '127.0.0.1',
    port,
    user: 'editor',
    password,
    secure: true,
    secureOptions: { rejectUnauthorized: false },
  });
  await client.uploadFrom(Readable.from([content]), path);
  client.close();
}
