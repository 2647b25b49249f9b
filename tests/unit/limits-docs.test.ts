import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { CONFIG_BYTES_MAX } from '../../electron/engine/config/parse-config.ts';
import { CONSOLE_CONNECTIONS_MAX } from '../../electron/engine/console/console.ts';
import { STREAMS_MAX } from '../../electron/engine/console/event-streams.ts';
import { SENT_PART_BYTES } from '../../shared/contract/sent-files.ts';
import { SENT_MAX } from '../../electron/engine/publishing/sent-files.ts';
import { BODY_BYTES_MAX } from '../../electron/engine/console/requests.ts';
import { LISTING_ENTRIES_MAX } from '../../electron/engine/publishing/connection.ts';
import { REPORTS_KEPT_MAX } from '../../electron/engine/store/deliveries.ts';
import { FORMER_PEERS_MAX } from '../../electron/engine/store/peers.ts';
import { HOOK_BYTES_MAX, HOOK_EVENTS_MAX } from '../../electron/engine/hooks/hook-queue.ts';
import { HOOK_EVENT_BYTES_MAX } from '../../electron/engine/hooks/hooks.ts';
import { CODE_CHARACTERS_MAX } from '../../electron/engine/link/pairing-code.ts';
import { LOG_SAME_LINES_MAX } from '../../electron/engine/log/line-pace.ts';
import { LOG_CHARACTERS_MAX } from '../../electron/engine/log/log-ring.ts';
import * as doors from '../../electron/engine/link/link-server.ts';
import { LINK_BURST_MESSAGES, LINK_MESSAGES_A_SECOND } from '../../electron/engine/link/link-hub.ts';
import { DATAGRAM_BYTES_MAX } from '../../electron/engine/link/multicast/datagram.ts';
import * as account from '../../electron/engine/master/ftp-server/account-pace.ts';
import * as ftp from '../../electron/engine/master/ftp-server/limits.ts';
import * as throttle from '../../electron/engine/master/ftp-server/login-throttle.ts';
import { replyToError } from '../../electron/engine/master/ftp-server/reply.ts';
import { REFUSALS_LOGGED_MAX } from '../../electron/engine/master/ftp-server/refusal-log.ts';
import { Draft, RELEASE_CHANGES_MAX } from '../../electron/engine/master/release/draft.ts';
import { OpenRelease } from '../../electron/engine/master/release/open-release.ts';
import * as releases from '../../electron/engine/master/release/releases.ts';
import { WRITING_MILLIS_MAX } from '../../electron/engine/master/watch/settling.ts';
import { UNFIT_MAX } from '../../electron/engine/master/unfit.ts';
import { REFERENCE_LIMITS } from '../../electron/engine/references/limits.ts';
import { LATE_REMOVALS_MAX } from '../../electron/engine/mirror/late-removals.ts';
import { SNAPSHOT_ENTRIES_MAX } from '../../electron/engine/mirror/snapshot.ts';
import { NESTED_FOLDERS_MAX } from '../../electron/engine/tree/nested-roots.ts';
import { ROUTES_MAX } from '../../shared/contract/config.ts';
import { HOOKS_MAX } from '../../shared/contract/hooks.ts';
import * as link from '../../shared/contract/link.ts';
import { LOG_LINES_MAX } from '../../shared/contract/log.ts';
import { DROP_ENTRIES_MAX, TARGETS_MAX } from '../../shared/contract/publishing.ts';
import * as rules from '../../shared/contract/rules.ts';
import * as imported from '../../shared/contract/target-import.ts';
import * as paths from '../../shared/domain/site-path.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { isCostly, STARS_MAX, WAYS_MAX } from '../../shared/domain/wildcards.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { expectNamedTests } from '../support/named-tests.ts';
import { ftpConfig } from '../support/ftp-server.ts';

const document = new URL('../../docs/limits.md', import.meta.url);
const text = await readFile(document, 'utf8');

const settings = Object.fromEntries(
  Object.entries(ftpConfig().limits).map(([name, value]) => [`ftp.limits.${name}`, value]),
);
const values: Record<string, unknown> = {
  ...settings,
  ...account,
  ...doors,
  ...ftp,
  ...imported,
  ...throttle,
  ...link,
  ...paths,
  ...releases,
  ...REFERENCE_LIMITS,
  ...rules,
  BODY_BYTES_MAX,
  CODE_CHARACTERS_MAX,
  CONFIG_BYTES_MAX,
  CONSOLE_CONNECTIONS_MAX,
  DATAGRAM_BYTES_MAX,
  DROP_ENTRIES_MAX,
  SENT_MAX,
  SENT_PART_BYTES,
  HOOKS_MAX,
  FORMER_PEERS_MAX,
  REPORTS_KEPT_MAX,
  HOOK_BYTES_MAX,
  NESTED_FOLDERS_MAX,
  HOOK_EVENTS_MAX,
  HOOK_EVENT_BYTES_MAX,
  LINK_BURST_MESSAGES,
  LISTING_ENTRIES_MAX,
  LINK_MESSAGES_A_SECOND,
  LOG_CHARACTERS_MAX,
  LOG_LINES_MAX,
  LOG_SAME_LINES_MAX,
  REFUSALS_LOGGED_MAX,
  RELEASE_CHANGES_MAX,
  ROUTES_MAX,
  STREAMS_MAX,
  TARGETS_MAX,
  UNFIT_MAX,
  LATE_REMOVALS_MAX,
  SNAPSHOT_ENTRIES_MAX,
  STARS_MAX,
  WAYS_MAX,
  WRITING_MILLIS_MAX,
};

const rows = [...text.matchAll(/^\| [^|]+ \| `([\w.]+)` \| ([\d,]+) \| /gm)].map(
  ([, name = '', told = '']): [string, number] => [name, Number(told.replaceAll(',', ''))],
);

test('the page tells the values that hold', () => {
  expect(rows.length).toBeGreaterThan(35);
  expect(rows).toEqual(rows.map(([name]) => [name, values[name]]));
});

test('every setting of limits is on the page, and each limit names its test', async () => {
  expect(rows.map(([name]) => name)).toEqual(expect.arrayContaining(Object.keys(settings)));
  const told = text.split('\n').filter((line) => rows.some(([name]) => line.includes(` | \`${name}\` | `)));
  expect(told.filter((line) => !line.includes('.test.ts) |'))).toEqual([]);
  await expectNamedTests(document, 35);
});

test('messages beyond the limits of the contract are none', () => {
  const head = { site: 'www', journal: '0'.repeat(32) };
  const dir = (seq: number) => ({ kind: 'dir', path: `d${seq}`, seq });
  const page = (count: number) => ({
    type: 'snapshotPage',
    ...head,
    after: '',
    through: '',
    entries: Array.from({ length: count }, (_, at) => dir(at)),
    last: true,
  });
  expect(link.linkMessage.safeParse(page(link.LINK_ITEMS_MAX)).success).toBe(true);
  expect(link.linkMessage.safeParse(page(link.LINK_ITEMS_MAX + 1)).success).toBe(false);
  const gone = Array.from({ length: link.LINK_ITEMS_MAX + 1 }, (_, at) => ({ path: `d${at}`, release: { last: 1 } }));
  expect(link.linkMessage.safeParse({ ...page(0), gone: gone.slice(1) }).success).toBe(true);
  expect(link.linkMessage.safeParse({ ...page(0), gone }).success).toBe(false);
  const notify = { type: 'notify', ...head, mode: 'live', through: 1, headSeq: 1 };
  const joined = (releases: number, paths: number) => ({
    ...notify,
    items: [],
    joined: Array.from({ length: releases }, () => ({ release: 1, into: { last: 2 }, paths: Array(paths).fill('p') })),
  });
  const isOne = (message: object) => link.linkMessage.safeParse(message).success;
  expect(isOne(joined(link.RELEASES_JOINED_MAX, 1))).toBe(true);
  expect(isOne(joined(link.RELEASES_JOINED_MAX + 1, 1))).toBe(false);
  expect(isOne(joined(1, link.JOINED_PATHS_MAX))).toBe(true);
  expect(isOne(joined(1, link.JOINED_PATHS_MAX + 1))).toBe(false);
  const items = Array.from({ length: link.LINK_ITEMS_MAX + 1 }, (_, seq) => ({ op: 'mkdir', seq, at: 0, path: 'd' }));
  expect(link.linkMessage.safeParse({ ...notify, items: items.slice(1) }).success).toBe(true);
  expect(link.linkMessage.safeParse({ ...notify, items }).success).toBe(false);
  expect(
    link.linkMessage.safeParse({ type: 'resolve', site: 'www', id: 'x'.repeat(4201), how: 'publish' }).success,
  ).toBe(false);
});

test('a pattern with brackets has so many stars and ways, and no more', () => {
  const stars = (count: number) => `(a)${'*b'.repeat(count)}`;
  expect([STARS_MAX, STARS_MAX + 1].map((count) => isCostly(stars(count)))).toEqual([false, true]);
  const ways = (count: number) => `(${Array.from({ length: count }, (_, at) => at).join('|')})`;
  expect([WAYS_MAX, WAYS_MAX + 1].map((count) => isCostly(ways(count)))).toEqual([false, true]);
  expect([WAYS_MAX / 4, WAYS_MAX / 4 + 1].map((count) => isCostly(`${ways(count)}*`))).toEqual([false, true]);
});

test('a path has so many folders, and so many bytes, and no more', () => {
  const { NAME_BYTES_MAX, parseSitePath, PATH_BYTES_MAX, PATH_DEPTH_MAX } = paths;
  const deep = (count: number) => Array(count).fill('d').join('/');
  const long = (bytes: number) => `${'n'.repeat(255)}/`.repeat(20).slice(0, bytes);
  expect(PATH_BYTES_MAX % 256).toBe(0);
  for (const fits of [deep(PATH_DEPTH_MAX), 'é'.repeat(127), long(PATH_BYTES_MAX - 1)])
    expect(parseSitePath(fits)).toEqual({ ok: true, value: fits });
  for (const beyond of [
    deep(PATH_DEPTH_MAX + 1),
    'n'.repeat(NAME_BYTES_MAX + 1),
    'é'.repeat(128),
    long(PATH_BYTES_MAX + 1),
  ])
    expect(parseSitePath(beyond)).toMatchObject({ ok: false, error: { code: 'path.too-long' } });
});

test('a release has so many changes and no more', async () => {
  const root = { stat: () => Promise.reject(new AppError('file.not-found', { path: 'x' })) };
  const draft = new Draft({ root, incoming: { mark: 0 } } as unknown as ConstructorParameters<typeof Draft>[0]);
  for (let at = 1; at < RELEASE_CHANGES_MAX; at += 1)
    draft.overlay.set(`gone-${at}` as SitePath, { kind: 'gone', over: 'file' });
  await draft.makeDir('the-last' as SitePath, 0);
  const refused = await draft.makeDir('one-more' as SitePath, 0).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'release.too-large', params: { limit: RELEASE_CHANGES_MAX } });
  expect(draft.overlay.size).toBe(RELEASE_CHANGES_MAX);
  expect(replyToError(refused as AppError).code).toBe(552);
});

test('one account has so many releases open, with so many changes, and others still begin theirs', async () => {
  const site = {
    name: 'www',
    clock: { now: () => 0 },
    incoming: { mark: 0 },
    root: { stat: () => Promise.reject(new AppError('file.not-found')) },
  };
  const open = new releases.Releases(site as unknown as ConstructorParameters<typeof releases.Releases>[0]);
  const own = Array.from({ length: releases.ACCOUNT_RELEASES_MAX }, () => open.begin('', { account: 'greedy' }));
  const refused = { code: 'limit.exceeded', params: { limit: 'releases', value: releases.ACCOUNT_RELEASES_MAX } };
  expect(() => open.begin('', { account: 'greedy' })).toThrow(expect.objectContaining(refused));
  const other = open.begin('', { account: 'other' });
  await own[0]?.makeDir('a' as SitePath);
  const size = vi.spyOn(OpenRelease.prototype, 'size', 'get');
  onTestFinished(() => size.mockRestore());
  size.mockReturnValue(releases.ACCOUNT_CHANGES_MAX / releases.ACCOUNT_RELEASES_MAX);
  await expect(own[1]?.makeDir('b' as SitePath)).rejects.toMatchObject({
    code: 'limit.exceeded',
    params: { value: 0 },
  });
  await other.makeDir('b' as SitePath);
  for (let at = releases.ACCOUNT_RELEASES_MAX + 1; at < releases.OPEN_RELEASES_MAX; at += 1)
    open.begin('', { account: `other ${at}` });
  const all = { code: 'limit.exceeded', params: { limit: 'releases', value: releases.OPEN_RELEASES_MAX } };
  expect(() => open.begin('', { account: 'late' })).toThrow(expect.objectContaining(all));
  const draft = new Draft(site as unknown as ConstructorParameters<typeof Draft>[0], () => 1 - draft.overlay.size);
  await draft.makeDir('the-last' as SitePath, 0);
  await expect(draft.makeDir('one-more' as SitePath, 0)).rejects.toMatchObject({ code: 'limit.exceeded' });
});
