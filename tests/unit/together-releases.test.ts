import { expect, test } from 'vitest';
import { draftOf, groupOf, withRule } from '../../renderer/features/together/groups/group-draft.ts';
import { kindOf } from '../../renderer/features/together/releases/change-kinds.ts';
import { convergence, planReleaseScore } from '../../renderer/features/together/releases/convergence.ts';
import type { Release } from '../../shared/contract/releases.ts';
import { details, groups, releases } from '../support/together-samples.ts';

const NOW = 1_800_000_000_000;
const [waits, done, part] = releases(NOW) as [Release, Release, Release];

test('how far a release is', () => {
  const { goAt: _, ...none } = { ...done, peers: [], goAt: undefined };
  expect([waits, { ...waits, goAt: NOW }, done, part, none].map(convergence)).toEqual([
    { state: 'waits for the word', shown: 0, ready: 2, of: 3 },
    { state: 'on its way', shown: 0, ready: 2, of: 3 },
    { state: 'everywhere', shown: 3, ready: 3, of: 3 },
    { state: 'on its way', shown: 2, ready: 3, of: 3 },
    { state: 'nobody', shown: 0, ready: 0, of: 0 },
  ]);
});

test('the score of a release runs to its last moment, and to now while it is not everywhere', () => {
  expect(planReleaseScore(done, NOW)).toEqual({
    span: 1230,
    lanes: [
      { peer: 'tokyo', ready: 800 / 1230, shown: 930 / 1230 },
      { peer: 'osaka', ready: 900 / 1230, shown: 1014 / 1230 },
      { peer: 'berlin', ready: 1150 / 1230, shown: 1 },
    ],
    go: undefined,
    bracket: [930 / 1230, 1],
  });
  expect(planReleaseScore(waits, NOW)).toEqual({
    span: 9000,
    lanes: [
      { peer: 'tokyo', ready: 2100 / 9000, shown: undefined },
      { peer: 'osaka', ready: 4400 / 9000, shown: undefined },
      { peer: 'berlin', ready: undefined, shown: undefined },
    ],
    go: undefined,
    bracket: undefined,
  });
});

test('a mirror whose clock is ahead stands at the commit, not before it', () => {
  const early = { ...done, peers: [{ peer: 'tokyo', publishedAt: done.at - 500 }] };
  expect(planReleaseScore(early, NOW)).toMatchObject({ span: 100, lanes: [{ shown: 0 }], bracket: [0, 0] });
});

test('what a release did to each path is told from what stood there before and after', () => {
  expect(details(done).changeList.map(kindOf)).toEqual(['changed', 'changed', 'new', 'new', 'deleted']);
});

test('a group comes out of its form as it went in', () => {
  for (const { site: _, committed: __, ...group } of groups)
    expect(groupOf(draftOf({ ...group, committed: 0 }))).toEqual(group);
  expect(groupOf({ ...draftOf(undefined), name: ' menu ', members: '\n a.html \n\nb/**\n' })).toEqual({
    name: 'menu',
    members: ['a.html', 'b/**'],
    rule: 'all',
    settle: 2000,
    limit: 60_000,
    atLimit: 'publish',
  });
});

test('a group that waits for a commit has no limit unless one was typed', () => {
  const draft = draftOf(undefined);
  const release = withRule(draft, 'release');
  expect([release.limit, withRule(release, 'all').limit, withRule({ ...draft, limit: '90' }, 'release').limit]).toEqual(
    ['', '60', '90'],
  );
  expect(withRule({ ...draft, limit: '' }, 'settle').limit).toBe('');
});
