import { AxeBuilder } from '@axe-core/playwright';
import { test as base, chromium, expect, type Page } from '@playwright/test';
import { findChromium } from '../../build/chromium.mjs';
import { quietSwitches } from './electron-standin/chromium.ts';
import type { ScriptedEngine } from './scripted-engine.ts';

interface Look {
  readonly locale?: string;
  readonly colorScheme?: 'light' | 'dark';
  /** The screen, as the address names it: `together/groups`. */
  readonly at?: string;
}

export interface Fixtures {
  /** Opens the console of an engine in a browser of its own. */
  readonly open: (engine: Pick<ScriptedEngine, 'url'>, look?: Look) => Promise<Page>;
}

export interface WorkerFixtures {
  readonly browser: Awaited<ReturnType<typeof chromium.launch>>;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  browser: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads a fixture's needs from this pattern
    async ({}, use) => {
      const executablePath = findChromium();
      if (executablePath === undefined) throw new Error('there is no Chromium');
      const browser = await chromium.launch({ executablePath, args: [...quietSwitches] });
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],
  open: async ({ browser }, use) => {
    const contexts: { close(): Promise<void> }[] = [];
    const violations: string[] = [];
    await use(async ({ url }, { locale = 'en-US', colorScheme = 'light', at } = {}) => {
      const viewport = { width: 1120, height: 760 };
      const context = await browser.newContext({ ignoreHTTPSErrors: true, locale, colorScheme, viewport });
      contexts.push(context);
      await context.addInitScript(() => {
        addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) =>
          console.error(`refused by the policy: ${violatedDirective} ${blockedURI} ${sourceFile}`),
        );
      });
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.text().startsWith('refused by the policy')) violations.push(message.text());
      });
      await page.goto(url);
      // The fragment was the token's; the page has taken it by now.
      if (at !== undefined) await turnTo(page, at);
      return page;
    });
    for (const context of contexts) await context.close();
    // Nothing that a screen shows goes against the page's policy.
    expect(violations).toEqual([]);
  },
});

/** Goes to a screen by its address, `together/groups`; resolves when the page has heard of it and drawn: the screen before is gone. */
export async function turnTo(page: Page, place: string): Promise<void> {
  await page.evaluate(async (hash) => {
    if (location.hash === hash) return;
    const heard = new Promise((resolve) => addEventListener('hashchange', resolve, { once: true }));
    location.hash = hash;
    await heard;
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  }, `#/${place}`);
}

/** The same, and waits until it shows what the engine says of it. */
export async function goTo(page: Page, place: string): Promise<void> {
  await turnTo(page, place);
  await expect(page.locator('main h1').first()).toBeVisible();
  await expect(page.locator('output.asked')).toHaveCount(0);
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
}

/** What axe finds that keeps people out: its serious and critical rules, by name and place. */
export async function seriousTrouble(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/**
 * Shows the page in the smallest window, and in that of 1,120 by 760 at 200 %: nothing of it stands out at the side. `picture`: what
 * the names of the pictures begin with; `ready`: done before each is taken.
 */
export async function expectFits(page: Page, picture: string, ready?: () => Promise<unknown>): Promise<void> {
  for (const [width, height] of [
    [900, 600],
    [560, 380],
  ] as const) {
    await page.setViewportSize({ width, height });
    await ready?.();
    await page.screenshot({ path: `${picture}-${width}.png` });
    const overflow = await page.evaluate(() => {
      const content = document.querySelector('main') ?? document.body;
      return content.scrollWidth - content.clientWidth;
    });
    expect(overflow).toBe(0);
  }
}

export { expect };
