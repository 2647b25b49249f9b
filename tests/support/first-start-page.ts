import { expect, type Page } from '@playwright/test';

/** The first start as a person goes through it; English. */

/** Ends on the page with the pairing code. */
export async function startAsMaster(
  page: Page,
  { root, name, account = null }: { root: string; name: string; account?: string | null },
): Promise<void> {
  await page.getByRole('button', { name: /^Master/ }).click();
  await page.getByLabel('Folder of the site').fill(root);
  await page.getByLabel('Name of the site').fill('www');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Name of this machine').fill(name);
  if (account === null) await page.getByLabel('Make an account for uploads').uncheck();
  else await page.getByLabel('Account name').fill(account);
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByRole('heading', { name: 'www is served' })).toBeVisible();
}

/** From the page on which the first start ended. */
export async function goToOverview(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Go to the overview' }).press('Enter');
  await expect(page.getByRole('complementary')).toBeVisible();
  // The screen has the focus, not the way past the navigation, which would lie on it.
  await expect(page.getByRole('main')).toBeFocused();
}

export async function pairingCode(page: Page): Promise<string> {
  return page.getByRole('status', { name: 'Pairing code' }).innerText();
}

/** Ends on the page that shows the first synchronisation. */
export async function startAsMirror(
  page: Page,
  { code, root, name }: { code: string; root: string; name: string },
): Promise<void> {
  await page.getByRole('button', { name: /^Mirror/ }).click();
  await page.getByLabel('Pairing code from the master').fill(code);
  await expect(page.getByText(/^The master answers at/)).toBeVisible();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Folder to fill').fill(root);
  await page.getByLabel('Name of this machine').fill(name);
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByRole('button', { name: 'Go to the overview' })).toBeVisible();
}
