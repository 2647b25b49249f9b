import { expect, test } from 'vitest';
import { usualLag } from '../../renderer/features/mirrors/lag.ts';
import { planMap } from '../../renderer/features/mirrors/map-plan.ts';
import { nameOfPath, sourceOf } from '../../renderer/features/publish/source.ts';
import { published, put } from '../support/statuses.ts';

test.each([
  ['nothing', [], undefined],
  ['a folder', [{ path: '/srv/dist/', isFolder: true }], { folder: '/srv/dist/' }],
  ['a file', [{ path: '/srv/a.html', isFolder: false }], { folder: '/srv', only: ['a.html'] }],
  ['a file of the root', [{ path: '/a.html', isFolder: false }], { folder: '/', only: ['a.html'] }],
  [
    'files and folders beside each other',
    [
      { path: '/srv/img', isFolder: true },
      { path: '/srv/a\\b.html', isFolder: false },
    ],
    { folder: '/srv', only: ['img', 'a\\b.html'] },
  ],
  [
    'of Windows',
    [
      { path: 'C:\\site\\img', isFolder: true },
      { path: 'C:\\site\\a.html', isFolder: false },
    ],
    { folder: 'C:\\site', only: ['img', 'a.html'] },
  ],
  ['of a drive', [{ path: 'C:\\a.html', isFolder: false }], { folder: 'C:\\', only: ['a.html'] }],
  [
    'from several folders',
    [
      { path: '/srv/a', isFolder: false },
      { path: '/tmp/b', isFolder: false },
    ],
    'mixed',
  ],
] as const)('dropped: %s', (_what, dropped, source) => {
  expect(sourceOf(dropped)).toEqual(source);
});

test('the name of a folder, with or without a separator at its end', () => {
  expect(['/srv/dist', '/srv/dist/', 'C:\\build\\dist\\'].map(nameOfPath)).toEqual(['dist', 'dist', 'dist']);
});

test('the usual delay is the median of the last deliveries to that mirror', () => {
  const history = [40, 50, 9000, 60, 45].map((after, index) =>
    put(index, 'a', 1000, [published('tokyo', 1000, after)]),
  );
  expect(usualLag(history, 'tokyo')).toBe(50);
  expect(usualLag(history, 'osaka')).toBeUndefined();
});

test.each([0, 1, 2, 8, 9, 20])('a map of %i mirrors: each has a place of its own within it', (count) => {
  const { width, height, mirrors } = planMap(count);
  expect(mirrors).toHaveLength(count);
  expect(new Set(mirrors.map(({ y }) => y)).size).toBe(count);
  for (const { x, y } of mirrors) {
    expect(x).toBeLessThan(width);
    expect(y).toBeGreaterThan(0);
    expect(y).toBeLessThan(height);
  }
});
