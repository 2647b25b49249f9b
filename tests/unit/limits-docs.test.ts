import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { DATAGRAM_BYTES_MAX } from '../../electron/engine/link/multicast/datagram.ts';
import * as account from '../../electron/engine/master/ftp-server/account-pace.ts';
import * as ftp from '../../electron/engine/master/ftp-server/limits.ts';
import * as throttle from '../../electron/engine/master/ftp-server/login-throttle.ts';
import { REFUSALS_LOGGED_MAX } from '../../electron/engine/master/ftp-server/refusal-log.ts';
import { RELEASE_CHANGES_MAX } from '../../electron/engine/master/release/draft.ts';
import { REFERENCE_LIMITS } from '../../electron/engine/references/limits.ts';
import * as link from '../../shared/contract/link.ts';
import * as paths from '../../shared/domain/site-path.ts';
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
  ...ftp,
  ...throttle,
  ...link,
  ...paths,
  ...REFERENCE_LIMITS,
  DATAGRAM_BYTES_MAX,
  REFUSALS_LOGGED_MAX,
  RELEASE_CHANGES_MAX,
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
  const notify = { type: 'notify', ...head, mode: 'live', through: 1, headSeq: 1 };
  const items = Array.from({ length: link.LINK_ITEMS_MAX + 1 }, (_, seq) => ({ op: 'mkdir', seq, at: 0, path: 'd' }));
  expect(link.linkMessage.safeParse({ ...notify, items: items.slice(1) }).success).toBe(true);
  expect(link.linkMessage.safeParse({ ...notify, items }).success).toBe(false);
  expect(
    link.linkMessage.safeParse({ type: 'resolve', site: 'www', id: 'x'.repeat(4201), how: 'publish' }).success,
  ).toBe(false);
});
