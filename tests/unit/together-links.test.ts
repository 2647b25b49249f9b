import { expect, test } from 'vitest';
import { compileGlob } from '../../electron/engine/core/routes.ts';
import { planGraph } from '../../renderer/features/together/links/graph-plan.ts';
import { globFor } from '../../renderer/features/together/links/glob-for.ts';
import { globProblem } from '../../shared/domain/glob.ts';
import { links } from '../support/together-samples.ts';

const paths = [
  'index.html',
  'news/index.html',
  'news/2026/11/a (1).html',
  'css/site.css',
  'ja/お知らせ/新着.html',
  'a,b.txt',
];

test.each([
  ['index', ['index.html', 'news/index.html']],
  ['news', ['news/index.html', 'news/2026/11/a (1).html']],
  ['news/', ['news/index.html', 'news/2026/11/a (1).html']],
  ['2026/11', ['news/2026/11/a (1).html']],
  ['/css/site', ['css/site.css']],
  ['(1)', ['news/2026/11/a (1).html']],
  ['お知', ['ja/お知らせ/新着.html']],
  ['a,b', ['a,b.txt']],
  ['*.css', []],
  ['**/*.css', ['css/site.css']],
  ['nothing', []],
])('what is typed as %s finds its paths', (typed, found) => {
  const glob = globFor(typed) ?? '';
  expect(globProblem(glob)).toBeUndefined();
  expect(paths.filter(compileGlob(glob))).toEqual(found);
});

test('nothing typed is no filter', () => {
  expect([globFor(''), globFor('  '), globFor('/')]).toEqual([undefined, undefined, undefined]);
});

test('a graph has each name once a side, few crossings, missing targets and circles', () => {
  const plan = planGraph(links, 60);
  expect(plan.left).toBe(0);
  expect(plan.edges).toHaveLength(links.length);
  expect(new Set(plan.pages.map(({ name }) => name)).size).toBe(plan.pages.length);
  expect(plan.pages.map(({ row }) => row)).toEqual(plan.pages.map((_, row) => row));
  expect(
    plan.targets
      .filter(({ missing }) => missing)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(['downloads/catalogue-2026.pdf', 'images/team/the-whole-team-in-front-of-the-new-building.jpg']);
  expect(
    plan.pages
      .filter(({ circle }) => circle)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(['news/2026/11/opening-hours.html', 'news/index.html']);
  for (const { from, to, kind } of plan.edges) {
    const [page, target] = [plan.pages[from]?.name, plan.targets[to]?.name];
    expect(links).toContainEqual(expect.objectContaining({ page, target, kind }));
  }
});

test('where there is not room for all, what needs a look has it; lines to a hub are told from the others', () => {
  const found = (page: string, target: string, missing = false) =>
    ({ site: 'www', page, target, kind: 'found', missing }) as const;
  const many = Array.from({ length: 200 }, (_, index) => found(`page-${index}.html`, 'site.css'));
  const rare = [found('late.html', 'gone.jpg', true), found('one.html', 'two.html'), found('two.html', 'one.html')];
  const plan = planGraph([...many, ...rare], 20);
  const names = plan.pages.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['late.html', 'one.html', 'two.html']));
  expect(plan.targets.find(({ name }) => name === 'site.css')).toMatchObject({ lines: 17 });
  expect(plan.edges.filter(({ toHub }) => toHub)).toHaveLength(17);
  expect(plan.edges.filter(({ toHub }) => !toHub)).toHaveLength(3);
});

test('what has no room is counted', () => {
  const plan = planGraph(links, 2);
  expect(plan.pages).toHaveLength(2);
  expect(plan.targets).toHaveLength(2);
  expect(plan.left).toBe(5 + 6);
});
