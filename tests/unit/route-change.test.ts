import { expect, test } from 'vitest';
import { RouteComparison } from '../../electron/engine/core/route-change.ts';
import type { Route } from '../../electron/engine/core/routes.ts';
import { lossLines } from '../../electron/entry/cli/commands/route.ts';
import { moved, rowsOf, routesOf, withRoute } from '../../renderer/features/mirrors/route-draft.ts';

const files = ['index.html', 'about.html', 'img/a.png', 'img/b.png', 'css/site.css'];

function compare(before: Route[], after: Route[]) {
  const comparison = new RouteComparison(before, after, ['osaka', 'tokyo']);
  for (const path of files) comparison.add(path);
  return comparison.result;
}

test('the first route takes everything else away from everybody', () => {
  const effect = compare([], [{ glob: 'img/**', mirrors: ['osaka'] }]);
  expect(effect).toEqual({
    files: 5,
    mirrors: [
      { mirror: 'osaka', loses: 3, gains: 0, gets: 2 },
      { mirror: 'tokyo', loses: 5, gains: 0, gets: 0 },
    ],
    nobody: 3,
    examples: ['index.html', 'img/a.png'],
  });
  expect(lossLines(effect, [{ glob: 'img/**', mirrors: ['osaka'] }])).toEqual([
    'With these routes 2 mirrors no longer get up to 5 files: osaka (3), tokyo (5).',
    'For instance index.html, img/a.png.',
    "3 files would go to no mirror at all. To keep them: lockstep route add '**' all",
  ]);
});

test('the first match decides, so what is put before it takes away, and what is put behind it does not', () => {
  const all: Route = { glob: '**', mirrors: 'all' };
  const images: Route = { glob: 'img/**', mirrors: ['tokyo'] };
  expect(compare([all], [all, images]).mirrors.map(({ loses }) => loses)).toEqual([0, 0]);
  expect(compare([all], [images, all]).mirrors.map(({ loses }) => loses)).toEqual([2, 0]);
  expect(compare([images], []).mirrors.map(({ gains }) => gains)).toEqual([5, 3]);
  expect(lossLines(compare([images], []), [])).toEqual([]);
  // No route, or no mirror: nobody loses what he never had.
  expect(compare([], []).nobody).toBe(0);
});

test('routes keep their order but for the one that is moved', () => {
  const rows = withRoute(
    rowsOf([
      { glob: 'a', mirrors: 'all' },
      { glob: 'b', mirrors: 'all' },
    ]),
    {
      glob: 'c',
      mirrors: [],
    },
  );
  const globs = (id: number, to: number): string =>
    routesOf(moved(rows, id, to))
      .map(({ glob }) => glob)
      .join('');
  expect([globs(2, 0), globs(0, 1), globs(0, 9), globs(1, -3), globs(7, 0)]).toEqual([
    'cab',
    'bac',
    'bca',
    'bac',
    'abc',
  ]);
});
