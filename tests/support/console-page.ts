import { test as base, chromium, type Page } from '@playwright/test';
import { findChromium } from '../../build/chromium.mjs';
import { quietSwitches } from './electron-standin/chromium.ts';
import type { ScriptedEngine } from './scripted-engine.ts';

interface Look {
  readonly locale?: string;
  readonly colorScheme?: 'light' | 'dark';
}

interface Fixtures {
  /** Opens the console of an engine in a browser of its own. */
  readonly open: (engine: Pick<ScriptedEngine, 'url'>, look?: Look) => Promise<Page>;
}

interface WorkerFixtures {
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
    await use(async ({ url }, { locale = 'en-US', colorScheme = 'light' } = {}) => {
      const viewport = { width: 1120, height: 760 };
      const context = await browser.newContext({ ignoreHTTPSErrors: true, locale, colorScheme, viewport });
      contexts.push(context);
      const page = await context.newPage();
      await page.goto(url);
      return page;
    });
    for (const context of contexts) await context.close();
  },
});

export { expect } from '@playwright/test';
