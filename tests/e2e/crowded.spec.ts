import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { expect, goTo, test } from '../support/console-page.ts';
import { type ScriptedEngine, startScriptedEngine } from '../support/scripted-engine.ts';
import { HEAD, masterStatus, peer, published, put } from '../support/statuses.ts';
import { togetherAnswers, waiting } from '../support/together-samples.ts';

/** For people to look at; not compared. */
const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures', 'crowded');
/** As long as a name may be. */
const LONG = 'the-mirror-in-the-second-cellar-of-the-old-building-at-the-river';
const WORD = 'Donaudampfschifffahrtsgesellschaftskapitaenswitwenrentenauszahlungsstelle';

let engine: ScriptedEngine;
test.afterEach(() => engine.stop());

test('with 40 mirrors, names as long as they may be, 60 groups and 10,000 changes no screen is pushed out of its window', async ({
  open,
}) => {
  test.slow();
  const now = Date.now();
  const peers = Array.from({ length: 40 }, (_, at) => {
    const name = at % 4 === 0 ? `${LONG.slice(0, 61)}-${10 + at}` : `mirror-${at}`;
    if (at % 7 === 3) return peer(name, { inStep: false, waiting: 12_345, failing: 12, publishedSeq: 6_000 });
    if (at % 11 === 5) return peer(name, { inStep: false, connected: false, lastSeenAt: now - 86_400_000 * 3 });
    return peer(name);
  });
  const pathOf = (at: number): string =>
    at % 3 === 0
      ? `archive/${WORD}/${WORD}/${at}-${'a-very-long-name-'.repeat(11)}.html`
      : at % 3 === 1
        ? `お知らせ/二〇二六年十一月/${'営業時間のお知らせ'.repeat(9)}-${at}.html`
        : `news/${at}.html`;
  const rows = Array.from({ length: 10_000 }, (_, at) =>
    put(
      HEAD - at,
      pathOf(at),
      now - at * 7_000,
      peers.map(({ name }) => published(name, now - at * 7_000, 80 + at)).slice(0, 3),
    ),
  );
  const groups = Array.from({ length: 60 }, (_, at) => ({
    site: 'www',
    name: `${LONG.slice(0, 60)}-${at}`,
    rule: 'all' as const,
    members: Array.from({ length: 1 + (at % 9) }, (__, member) => pathOf(at * 3 + member)),
    settle: 2000,
    limit: 60_000,
    atLimit: 'publish' as const,
  }));
  const items = Array.from({ length: 30 }, (_, at) => ({
    ...waiting(now)[at % 4]!,
    id: `www@${at}`,
    peer: peers[at]!.name,
    path: pathOf(at) as SitePath,
    waitsFor: [pathOf(at + 1), pathOf(at + 2)] as SitePath[],
  }));
  const status = masterStatus(peers, { waiting: items });
  const files = Array.from({ length: 300 }, (_, at) => ({
    kind: 'file' as const,
    path: (at % 3 === 0 ? `${WORD}${WORD}-${at}.html` : `page-${at}.html`) as SitePath,
    size: 123_456_789,
    mtime: now - at * 1e9,
    state: 'failing' as const,
    has: 3,
    of: 40,
  }));
  engine = await startScriptedEngine(
    { ...status, sites: status.sites.map((site) => ({ ...site, root: `/srv/${WORD}/${WORD}` })) },
    rows,
    {
      ...togetherAnswers(now),
      'group.list': () => groups,
      'route.list': () => [],
      'peer.list': () => [],
      'site.browse': () => ({ site: 'www', rows: files }),
      'log.page': () => ({ lines: [], next: 0 }),
      'history.page': ({ limit = 200 }: { limit?: number }) => ({
        rows: rows.slice(0, limit).map((row, at) => ({ ...row, id: `${row.at}.0.${10_000 - at}` })),
        about: rows.length,
      }),
    },
  );
  const page = await open(engine);
  const trouble: Record<string, unknown> = {};
  for (const [width, height] of [
    [1280, 800],
    [900, 600],
    [360, 740],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const place of [
      'overview',
      'site',
      'mirrors',
      `mirrors/${peers[0]!.name}`,
      `mirrors/${peers[3]!.name}`,
      'together/waiting',
      'together/groups',
      'history',
      'settings',
    ]) {
      await goTo(page, place);
      await page.screenshot({ path: join(pictures, `${width}-${place.replaceAll('/', '-').slice(0, 40)}.png`) });
      const found = await outside(page);
      if (found.length > 0) trouble[`${place} ${width}`] = found;
    }
  }
  expect(trouble).toEqual({});
});

/** What is wider than its place. */
function outside(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const told = (element: Element): string =>
      `${element.tagName}.${element.className} ${element.textContent?.slice(0, 24)}`;
    const wide = ['html', 'main', '.panel', '.scroll-x'].flatMap((selector) =>
      [...document.querySelectorAll(selector)].filter(
        (each) => each.scrollWidth > each.clientWidth + 1 && !each.matches('.long-list'),
      ),
    );
    return [...new Set(wide.map(told))];
  });
}
