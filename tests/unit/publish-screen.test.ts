import { expect, test } from 'vitest';
import { usualLag } from '../../renderer/features/mirrors/lag.ts';
import { folderOfPath, nameOfPath, sourceOf } from '../../renderer/features/publish/source.ts';
import { published, put } from '../support/statuses.ts';

test.each([
  ['nothing', [], undefined],
  ['a folder', [{ path: '/srv/dist/', isFolder: true }], { paths: ['/srv/dist/'], isFolder: true }],
  ['a file', [{ path: '/srv/a.html', isFolder: false }], { paths: ['/srv/a.html'], isFolder: false }],
  [
    'files and folders beside each other',
    [
      { path: '/srv/img', isFolder: true },
      { path: '/srv/a\\b.html', isFolder: false },
    ],
    { paths: ['/srv/img', '/srv/a\\b.html'], isFolder: false },
  ],
] as const)('dropped: %s', (_what, dropped, source) => {
  expect(sourceOf(dropped)).toEqual(source);
});

test('the name of a folder, with or without a separator at its end', () => {
  expect(['/srv/dist', '/srv/dist/', 'C:\\build\\dist\\'].map(nameOfPath)).toEqual(['dist', 'dist', 'dist']);
});

test('the folder that something stands in: a root keeps its separator', () => {
  const paths = ['/srv/a.html', '/a.html', 'C:\\site\\a.html', 'C:\\a.html', '/srv/a\\b.html'];
  expect(paths.map(folderOfPath)).toEqual(['/srv', '/', 'C:\\site', 'C:\\', '/srv']);
});

test('the usual delay is the median of the last deliveries to that mirror', () => {
  const history = [40, 50, 9000, 60, 45].map((after, index) =>
    put(index, 'a', 1000, [published('tokyo', 1000, after)]),
  );
  expect(usualLag(history, 'tokyo')).toBe(50);
  expect(usualLag(history, 'osaka')).toBeUndefined();
});
