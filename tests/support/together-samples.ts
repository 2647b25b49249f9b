import type { CallResult } from '../../shared/contract/calls.ts';
import type { Release, ReleaseDetails } from '../../shared/contract/releases.ts';
import type { WaitingItem } from '../../shared/contract/status.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import type { Answers } from './scripted-engine.ts';

/** What an engine says of groups, links and releases, and of what waits for them. Times are counted from `now`. */
const SECOND = 1000;
const MINUTE = 60 * SECOND;

export const groups: CallResult<'group.list'> = [
  group('front-page', 'all', ['index.html', 'css/site.css', 'images/hero.jpg', 'ja/index.html', 'de/index.html']),
  group('prices', 'settle', ['prices/{en,ja,de}.json'], { limit: 300 * SECOND, atLimit: 'hold' }),
  group('issue-47', 'release', ['magazine/issue-47/**'], { limit: null }),
];

export const links: CallResult<'link.list'> = [
  { site: 'www', page: 'news/**', target: 'news/index.html', kind: 'set', missing: false },
  found('index.html', 'css/site.css'),
  found('index.html', 'images/hero.jpg'),
  found('index.html', 'news/'),
  found('news/index.html', 'css/site.css'),
  found('news/index.html', 'news/2026/11/opening-hours.html'),
  found('news/2026/11/opening-hours.html', 'news/index.html'),
  found('news/2026/11/opening-hours.html', 'css/site.css'),
  found('news/2026/11/opening-hours.html', 'images/team/the-whole-team-in-front-of-the-new-building.jpg', true),
  found('ja/お知らせ/新着情報.html', 'css/site.css'),
  found('ja/お知らせ/新着情報.html', 'images/hero.jpg'),
  found('css/site.css', 'fonts/inter.woff2'),
  found('downloads/index.html', 'downloads/catalogue-2026.pdf', true),
];

export function waiting(now: number): WaitingItem[] {
  return [
    {
      id: 'www@tokyo:group:front-page',
      site: 'www',
      peer: 'tokyo',
      kind: 'group',
      path: 'index.html',
      files: 2,
      error: { code: 'wait.group', params: { group: 'front-page', missing: 'css/site.css, images/hero.jpg …' } },
      waitsFor: ['css/site.css', 'images/hero.jpg', 'de/index.html'],
      since: now - 22 * SECOND,
      until: now + 38 * SECOND,
    },
    {
      id: 'www@osaka:group:prices',
      site: 'www',
      peer: 'osaka',
      kind: 'group',
      path: 'prices/en.json',
      files: 1,
      error: { code: 'wait.held', params: { group: 'prices', missing: 'prices/ja.json' } },
      waitsFor: ['prices/ja.json'],
      since: now - 12 * MINUTE,
    },
    {
      id: 'www@tokyo:link:news',
      site: 'www',
      peer: 'tokyo',
      kind: 'link',
      path: 'news/2026/11/opening-hours.html',
      error: {
        code: 'wait.missing-target',
        params: { page: 'news/2026/11/opening-hours.html', target: 'images/team.jpg' },
      },
      waitsFor: ['images/team.jpg'],
      since: now - 4 * SECOND,
      until: now + 6 * SECOND,
    },
    {
      id: 'www@berlin:downloads/catalogue-2026.pdf',
      site: 'www',
      peer: 'berlin',
      kind: 'failing',
      path: 'downloads/catalogue-2026.pdf',
      error: { code: 'file.disk-full', params: { path: 'downloads/catalogue-2026.pdf' } },
      since: now - 95 * MINUTE,
      nextAttemptAt: now + 90 * SECOND,
    },
    {
      id: 'www:guard',
      site: 'www',
      kind: 'delete-guard',
      error: { code: 'guard.held', params: { count: 214, of: 12_408 } },
      since: now - 31 * MINUTE,
    },
  ];
}

export function releases(now: number): Release[] {
  const at = now - 9 * SECOND;
  const base = { site: 'www', by: 'editor' };
  return [
    {
      ...base,
      id: 18_402,
      name: 'Winter opening hours',
      at,
      changes: 12,
      together: { limit: 60_000 },
      peers: [{ peer: 'tokyo', readyAt: at + 2100 }, { peer: 'osaka', readyAt: at + 4400 }, { peer: 'berlin' }],
    },
    {
      ...base,
      id: 18_390,
      name: 'Spring catalogue: 214 new pictures and the pages that show them',
      at: now - 3 * 60 * MINUTE,
      changes: 231,
      peers: [
        { peer: 'tokyo', readyAt: now - 3 * 60 * MINUTE + 800, publishedAt: now - 3 * 60 * MINUTE + 930 },
        { peer: 'osaka', readyAt: now - 3 * 60 * MINUTE + 900, publishedAt: now - 3 * 60 * MINUTE + 1014 },
        { peer: 'berlin', readyAt: now - 3 * 60 * MINUTE + 1150, publishedAt: now - 3 * 60 * MINUTE + 1230 },
      ],
      convergedMillis: 1230,
      skewMillis: 300,
    },
    {
      ...base,
      by: 'local',
      id: 17_004,
      name: '秋の新着情報',
      at: now - 3 * 24 * 60 * MINUTE,
      changes: 4,
      reverts: 16_998,
      peers: [
        { peer: 'tokyo', readyAt: now - 1, publishedAt: now - 1 },
        { peer: 'osaka', readyAt: now - 1, publishedAt: now - 1 },
        { peer: 'berlin', readyAt: now - 1 },
      ],
    },
  ];
}

export function details(release: Release): ReleaseDetails {
  const file = (size: number, digit: string) => ({
    kind: 'file' as const,
    size,
    mtime: release.at,
    sha256: digit.repeat(64),
  });
  const gone = { kind: 'gone' as const };
  return {
    ...release,
    changeList: [
      { path: path('index.html'), before: file(8123, 'a'), after: file(8410, 'b') },
      { path: path('css/site.css'), before: file(20_480, 'c'), after: file(20_480, 'd') },
      { path: path('images/winter/hero.jpg'), before: gone, after: file(482_113, 'e') },
      { path: path('ja/お知らせ/冬の営業時間.html'), before: gone, after: file(5120, 'f') },
      { path: path('news/2025/old-hours.html'), before: file(3200, '1'), after: gone },
    ],
  };
}

/** All of the above, asked for at `now`. */
export function togetherAnswers(now: number): Answers {
  const all = releases(now);
  return {
    'group.list': () => groups,
    'group.add': ({ group: { name } }: { group: { name: string } }) => ({ site: 'www', name }),
    'group.remove': ({ name }: { name: string }) => ({ site: 'www', name }),
    'group.commit': ({ name }: { name: string }) => ({ site: 'www', name, seq: 18_402 }),
    'link.list': ({ kind, glob }: { kind: string; glob?: string }) =>
      links.filter(
        (link) =>
          (kind === 'all' || (kind === 'missing' ? link.missing : link.kind === kind)) &&
          (glob === undefined || [link.page, link.target].includes(glob)),
      ),
    'link.add': (link: object) => link,
    'link.remove': (link: object) => link,
    'release.list': () => all,
    'release.show': ({ release }: { release: number }) => details(all.find(({ id }) => id === release) ?? all[0]!),
    'release.preview': ({ release }: { release: number }) =>
      previewOf(details(all.find(({ id }) => id === release) ?? all[0]!)),
    'release.compare': ({ from, to }: { from: number; to: number }) => ({
      from: all.find(({ id }) => id === from),
      to: all.find(({ id }) => id === to),
      changeList: details(all[0]!).changeList.map(({ path: at, before, after }) => ({
        path: at,
        from: before,
        to: after,
      })),
    }),
    'release.go': () => all[0],
    'release.rollback': () => all[1],
  };
}

function previewOf({ changeList }: ReleaseDetails): CallResult<'release.preview'> {
  const paths = (kind: (change: ReleaseDetails['changeList'][number]) => boolean): SitePath[] =>
    changeList.filter(kind).map((change) => change.path);
  return {
    removed: paths(({ before }) => before.kind === 'gone'),
    restored: paths(({ before, after }) => before.kind !== 'gone' && after?.kind !== 'gone'),
    back: paths(({ after }) => after?.kind === 'gone'),
    changedSince: [path('index.html')],
    missing: [],
  };
}

function group(
  name: string,
  rule: 'all' | 'settle' | 'release',
  members: string[],
  extra: Partial<CallResult<'group.list'>[number]> = {},
): CallResult<'group.list'>[number] {
  return { site: 'www', name, members, rule, settle: 2000, limit: 60_000, atLimit: 'publish', committed: 0, ...extra };
}

function found(page: string, target: string, missing = false): CallResult<'link.list'>[number] {
  return { site: 'www', page, target, kind: 'found', missing };
}

function path(text: string): SitePath {
  return text as SitePath;
}
