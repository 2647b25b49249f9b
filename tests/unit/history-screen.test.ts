import { expect, test } from 'vitest';
import { compileGlob } from '../../electron/engine/core/routes.ts';
import { exportRows } from '../../renderer/features/history/export-rows.ts';
import { noQuestion, toFilter, toGlob } from '../../renderer/features/history/filter.ts';
import { leavesGap, withStretch } from '../../renderer/features/history/history-rows.ts';
import { lengthOf, stepsOf } from '../../renderer/features/history/timeline.ts';
import type { HistoryPageRow } from '../../shared/contract/status.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';

const row = (seq: number, path = `p${seq}`): HistoryPageRow => ({
  id: `${1000 + seq}.2.${seq}`,
  site: 'www',
  seq,
  op: 'put',
  path: path as SitePath,
  at: 1000 + seq,
  deliveries: [],
});
const from = (newest: number, oldest: number): HistoryPageRow[] =>
  Array.from({ length: newest - oldest + 1 }, (_, index) => row(newest - index));

test('a page of the top replaces what it covers, and only that', () => {
  const known = from(20, 1);
  const page = { rows: [row(23), row(22), row(21), row(20), row(18)], next: row(17).id };
  const after = withStretch(known, undefined, page);
  // 19 does not fit the filter any more; 17 was looked at and does not fit either.
  expect(after.map(({ seq }) => seq)).toEqual([23, 22, 21, 20, 18, ...from(16, 1).map(({ seq }) => seq)]);
  expect(after.at(-1)).toBe(known.at(-1));
});

test('a stretch in the middle leaves what is above and below', () => {
  const known = from(20, 1);
  const changed = [row(14, 'new name'), row(13)];
  const after = withStretch(known, row(15).id, { rows: changed, next: row(13).id });
  expect(after.map(({ seq }) => seq)).toEqual(known.map(({ seq }) => seq));
  expect(after[6]?.path).toBe('new name');
  expect(after[5]).toBe(known[5]);
});

test('a page that ends the history leaves nothing below it', () => {
  expect(withStretch(from(5, 1), undefined, { rows: [row(6), row(5)] })).toEqual([row(6), row(5)]);
});

test('what may lie between a page and what is known is a gap', () => {
  expect(leavesGap(from(20, 1), { next: row(21).id })).toBe(true);
  expect(leavesGap(from(20, 1), { next: row(20).id })).toBe(false);
  expect(leavesGap(from(20, 1), {})).toBe(false);
  expect(leavesGap([], { next: row(21).id })).toBe(false);
});

test.each([
  ['story', 'news/my-story-2.html', true],
  ['story', 'story/index.html', true],
  ['story', 'news/index.html', false],
  ['/news/in', 'news/index.html', true],
  ['a(1)', 'x/a(1).txt', true],
  ['a+b', 'aab.txt', false],
  ['images/', 'images/logo.svg', true],
  ['*.css', 'styles.css', true],
  ['*.css', 'assets/styles.css', false],
  ['製品', '製品/案内.html', true],
])('“%s” typed finds %s: %s', (typed, path, isFound) => {
  expect(compileGlob(toGlob(typed) ?? '')(path)).toBe(isFound);
});

test('what a person chose becomes what the engine is asked', () => {
  const now = 1_000_000_000_000;
  const question = {
    ...noQuestion,
    path: 'img/**',
    peer: 'tokyo',
    outcome: 'on-its-way',
    kind: 'put',
    span: 'day',
  } as const;
  expect(toFilter(question, 'www', now)).toEqual({
    filter: {
      site: 'www',
      glob: 'img/**',
      peer: 'tokyo',
      states: ['queued', 'fetching', 'fetched'],
      op: 'put',
      since: now - 86_400_000,
    },
  });
  expect(toFilter(noQuestion, 'www', now)).toEqual({ filter: { site: 'www' } });
  const between = { ...noQuestion, span: 'between', from: '2026-11-23T14:00', to: '' } as const;
  expect(toFilter(between, 'www', now).filter).toEqual({ site: 'www', since: new Date('2026-11-23T14:00').getTime() });
  expect(toFilter({ ...noQuestion, path: 'img/{a' }, 'www', now)).toMatchObject({
    filter: { site: 'www' },
    problem: { issue: 'glob-unclosed', text: '{' },
  });
});

test('steps never run backwards, whatever the clocks say', () => {
  const delivery = { peer: 'tokyo', state: 'published', notifiedAt: 100, receivedAt: 90, publishedAt: 184 } as const;
  expect(stepsOf(delivery, 100)).toEqual([
    { name: 'notified', after: 0 },
    { name: 'received', after: 0 },
    { name: 'published', after: 84 },
  ]);
  expect(lengthOf([delivery, { ...delivery, publishedAt: 400 }], 100)).toBe(300);
  expect(lengthOf([], 100)).toBe(1);
});

const two: readonly HistoryPageRow[] = [
  {
    ...row(2, '=HYPERLINK("x"),a.html'),
    deliveries: [
      { peer: 'tokyo', state: 'published', verdict: 'fetch', publishedAt: 1084 },
      { peer: 'osaka', state: 'failed', error: { code: 'file.disk-full', params: {} } },
    ],
  },
  { ...row(1, 'b.html'), op: 'aborted', error: { code: 'upload.aborted', params: {} } },
];

async function exported(layout: 'csv' | 'json'): Promise<string> {
  const readPage = (before: string | undefined) =>
    Promise.resolve(before === undefined ? { rows: [...two], next: '1.2.1' } : { rows: [row(0)] });
  let text = '';
  for await (const part of exportRows(readPage, layout, new AbortController().signal)) text += part.text;
  return text;
}

test('CSV: a line for each mirror, nothing in it is a formula', async () => {
  expect((await exported('csv')).split('\r\n')).toEqual([
    '\uFEFFtime,site,seq,change,path,from,size,by,mirror,state,verdict,notified,received,fetched,published,attempts,error',
    `1970-01-01T00:00:01.002Z,www,2,put,"'=HYPERLINK(""x""),a.html",,,,tokyo,published,fetch,,,,1970-01-01T00:00:01.084Z,,`,
    `1970-01-01T00:00:01.002Z,www,2,put,"'=HYPERLINK(""x""),a.html",,,,osaka,failed,,,,,,,file.disk-full`,
    '1970-01-01T00:00:01.001Z,www,1,aborted,b.html,,,,,,,,,,,,upload.aborted',
    '1970-01-01T00:00:01.000Z,www,0,put,p0,,,,,,,,,,,,',
    '',
  ]);
});

test('JSON: rows as the command line has them', async () => {
  const { id: _first, ...first } = two[0] ?? row(0);
  const { id: _second, ...second } = two[1] ?? row(0);
  const { id: _third, ...third } = row(0);
  expect(JSON.parse(await exported('json'))).toEqual([first, second, third]);
});

test('an export that was cancelled ends', async () => {
  const stop = new AbortController();
  stop.abort();
  const reading = exportRows(() => Promise.resolve({ rows: [] }), 'json', stop.signal);
  await reading.next();
  await expect(reading.next()).rejects.toThrow();
});
