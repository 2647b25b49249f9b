import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, goTo, test } from '../support/console-page.ts';
import { seen } from '../support/every-screen.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures', 'reflow');

/** A window of 1,280 by 1,024 at 400 % (WCAG 1.4.10), telephones, and what lies between them and the wide frame. */
const sizes = [
  [320, 256],
  [320, 640],
  [360, 740],
  [560, 380],
  [719, 700],
] as const;

for (const [role, locale] of [
  ['master', 'en-US'],
  ['master', 'ja-JP'],
  ['mirror', 'en-US'],
] as const)
  test(`in narrow windows nothing of a ${role} is beside the window, or below it: ${locale}`, async ({ open }) => {
    test.slow();
    const { engine, places } = await seen(role);
    try {
      const page = await open(engine, { locale });
      const trouble: Record<string, object> = {};
      for (const [width, height] of sizes) {
        await page.setViewportSize({ width, height });
        for (const place of places) {
          await goTo(page, place);
          await page.screenshot({
            path: join(pictures, `${role}-${locale}-${width}x${height}-${place.replaceAll('/', '-')}.png`),
          });
          const found = await beside(page);
          if (Object.values(found).flat().length > 0) trouble[`${place} ${width}x${height}`] = found;
        }
      }
      expect(trouble).toEqual({});
    } finally {
      await engine.stop();
    }
  });

/** What the window and the lists in it have to be moved sideways for, or the window downwards; screens that cannot be seen; names with next to no room. */
function beside(page: Page): Promise<{ beside: string[]; below: string[]; away: string[]; short: string[] }> {
  const NAME_WIDTH_MIN = 88;
  return page.evaluate((least) => {
    const all = (selector: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(selector)];
    const told = (elements: HTMLElement[]): string[] => [
      ...new Set(elements.map((each) => `${each.tagName}.${each.className} ${each.textContent.slice(0, 20)}`)),
    ];
    const bar = document.querySelector('.sidebar')?.clientHeight ?? 0;
    return {
      // In a low window the navigation is one row, and the rest is the screen's.
      beside:
        bar > 44 && innerHeight < 480
          ? ['the navigation is in two rows']
          : told(
              all('html, main, .sidebar, .sidebar .nav, .scroll-x, .tabs').filter(
                (each) => each.scrollWidth > each.clientWidth,
              ),
            ),
      // The screen is what is scrolled: with the window the navigation would go, and nothing come in its place.
      below: told(all('html').filter((each) => each.scrollHeight > each.clientHeight)),
      away: told(
        all('.sidebar a, .sidebar button, .sidebar label').filter((each) => {
          const { left, top, right, bottom, width, height } = each.getBoundingClientRect();
          // The middle of it is its own, and large enough to be met (WCAG 2.5.8).
          const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
          return left < 0 || right > innerWidth || width < 24 || height < 20 || !each.contains(at);
        }),
      ),
      short: told(
        all('main :is(.path-cell, .tree-name, .peer-name, .log-text)').filter((each) => {
          const { width } = each.getBoundingClientRect();
          const isCut = [each, ...each.querySelectorAll('*')].some((part) => part.scrollWidth > part.clientWidth + 1);
          return width > 0 && width < least && isCut;
        }),
      ),
    };
  }, NAME_WIDTH_MIN);
}

test('every screen is as wide as the window lets it be, up to one measure', async ({ open }) => {
  const { engine, places } = await seen('master');
  try {
    const page = await open(engine);
    for (const width of [1280, 1400, 1600, 2200]) {
      await page.setViewportSize({ width, height: 900 });
      const widths: Record<string, number | undefined> = {};
      for (const place of places) {
        await goTo(page, place);
        widths[place] = (await page.locator('main > .page').boundingBox())?.width;
      }
      // Beside the navigation.
      const wide = Math.min(width - 208, 1280);
      expect(widths).toEqual(Object.fromEntries(places.map((place) => [place, wide])));
    }
  } finally {
    await engine.stop();
  }
});
