import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, goTo, seriousTrouble, test } from '../support/console-page.ts';
import { seen } from '../support/every-screen.ts';

// By far the longest file: both workers take their part of it.
test.describe.configure({ mode: 'parallel' });

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures', 'screens');

// A mirror has parts of the same: it is looked at in half of the looks.
const looks = [
  ['master', 'en-US', 'light'],
  ['master', 'en-US', 'dark'],
  ['master', 'ja-JP', 'light'],
  ['master', 'ja-JP', 'dark'],
  ['mirror', 'en-US', 'dark'],
  ['mirror', 'ja-JP', 'light'],
] as const;

for (const [role, locale, colorScheme] of looks) {
  test(`axe finds nothing serious on the screens of a ${role}: ${locale}, ${colorScheme}`, async ({ open }) => {
    test.slow();
    const { engine, places } = await seen(role);
    try {
      const page = await open(engine, { locale, colorScheme });
      await expect(page.getByRole('navigation').first()).toBeVisible();
      const trouble: Record<string, string[]> = {};
      for (const place of places) {
        await goTo(page, place);
        const picture = `${role}-${locale}-${colorScheme}-${place.replaceAll('/', '-')}.png`;
        await page.screenshot({ path: join(pictures, picture) });
        const found = await seriousTrouble(page);
        if (found.length > 0) trouble[place] = found;
      }
      expect(trouble).toEqual({});
    } finally {
      await engine.stop();
    }
  });
}

test('the keyboard alone reaches everything on every screen, sees where it is, and is never caught', async ({
  open,
}) => {
  test.slow();
  const { engine, places } = await seen('master');
  try {
    const page = await open(engine);
    await expect(page.getByRole('navigation').first()).toBeVisible();
    for (const place of places) {
      await goTo(page, place);
      const walk = await walkThrough(page);
      expect({ place, unseen: walk.unseen, unnamed: walk.unnamed }).toEqual({ place, unseen: [], unnamed: [] });
      // Past the last of them the keyboard is at the first again: it can leave.
      expect({ place, returns: walk.returns }).toEqual({ place, returns: true });
    }
  } finally {
    await engine.stop();
  }
});

for (const [place, name, then] of [
  // Out of use while it works.
  ['together/waiting', 'Try now', 'Try now'],
  ['settings', 'Check now', 'Check now'],
  ['mirrors', 'Pause all', 'Pause all'],
  // Gone for what it has made.
  ['mirrors', 'Make a pairing code', 'Copy'],
] as const)
  test(`“${name}” is pressed, and the keyboard stays there`, async ({ open }) => {
    const { engine } = await seen('master');
    try {
      const page = await open(engine);
      await expect(page.getByRole('navigation').first()).toBeVisible();
      await goTo(page, place);
      await page.getByRole('button', { name, exact: true }).first().focus();
      await page.keyboard.press('Enter');
      await expect(page.getByRole('button', { name: then, exact: true }).first()).toBeFocused();
    } finally {
      await engine.stop();
    }
  });

for (const place of ['together/groups', 'together/links', 'together/releases/18390', 'settings', 'history']) {
  test(`at 200 % ${place} can be read: nothing is cut off sideways`, async ({ open }) => {
    const { engine } = await seen('master');
    try {
      const page = await open(engine);
      // 900×600 at 200 % has room for half as many points.
      await page.setViewportSize({ width: 450, height: 300 });
      await goTo(page, place);
      const over = await page.evaluate(() => {
        const main = document.querySelector('main');
        const root = document.documentElement;
        return [root.scrollWidth - root.clientWidth, (main?.scrollWidth ?? 0) - (main?.clientWidth ?? 0)];
      });
      expect(over).toEqual([0, 0]);
    } finally {
      await engine.stop();
    }
  });
}

test('with colours of the system, what is chosen and what state is are still told apart', async ({ open }) => {
  const { engine } = await seen('master');
  try {
    const page = await open(engine);
    await page.emulateMedia({ forcedColors: 'active' });
    await expect(page.getByRole('navigation').first()).toBeVisible();
    await expect(page.locator('.nav-item[aria-current]')).toHaveCSS('outline-style', 'solid');
    await page.screenshot({ path: join(pictures, 'forced-colors.png') });
    await goTo(page, 'together/groups');
    const lines = await page
      .locator('.tab')
      .evaluateAll((tabs) => tabs.map((tab) => getComputedStyle(tab).borderBottomColor));
    // Only that of the one that is shown is told from the others.
    expect(lines.map((line) => line === lines[0])).toEqual([true, false, true, true]);
    expect(lines[0]).toBe(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor));
    await page.keyboard.press('Control+k');
    await expect(page.locator('.palette-list [aria-selected=true]')).toHaveCSS('outline-style', 'solid');
  } finally {
    await engine.stop();
  }
});

test('where motion is not wanted nothing moves', async ({ open }) => {
  const { engine } = await seen('master');
  try {
    const page = await open(engine);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await expect(page.getByRole('navigation').first()).toBeVisible();
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll('*')].flatMap((element) => {
        const { transitionDuration, animationDuration, animationName } = getComputedStyle(element);
        const moves =
          transitionDuration.split(', ').some((duration) => duration !== '0s') ||
          (animationName !== 'none' && animationDuration !== '0s');
        return moves ? [element.className] : [];
      }),
    );
    expect(moving).toEqual([]);
  } finally {
    await engine.stop();
  }
});

interface Walk {
  readonly unseen: string[];
  readonly unnamed: string[];
  readonly returns: boolean;
}

/** Tab from the top until the keyboard is there again; what it passes must show the focus and have a name. */
async function walkThrough(page: Page): Promise<Walk> {
  const STEPS_MAX = 150;
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
    document.querySelector<HTMLElement>('.skip')?.focus();
  });
  const unseen: string[] = [];
  const unnamed: string[] = [];
  for (let step = 0; step < STEPS_MAX; step += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement) || element === document.body) return { is: 'out' as const };
      if (element.matches('.skip')) return { is: 'top' as const };
      const shown = [element, element.parentElement].some((each) => {
        if (!each) return false;
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each);
        return (outlineStyle !== 'none' && outlineWidth !== '0px') || (each === element && boxShadow.includes('inset'));
      });
      const name = [
        element.getAttribute('aria-label'),
        element.getAttribute('aria-labelledby'),
        element.getAttribute('placeholder'),
        element.closest('label')?.textContent,
        element.id === '' ? '' : document.querySelector(`label[for="${element.id}"]`)?.textContent,
        element.textContent,
        element.getAttribute('title'),
      ].find((each) => each?.trim());
      const what = `${element.tagName.toLowerCase()}.${element.className} ${(element.textContent ?? '').slice(0, 30)}`;
      return { is: 'element' as const, shown, named: name !== undefined || element.matches('main'), what };
    });
    if (at.is !== 'element') return { unseen, unnamed, returns: true };
    if (!at.shown) unseen.push(at.what);
    if (!at.named) unnamed.push(at.what);
  }
  return { unseen, unnamed, returns: false };
}
