import { expect, test } from 'vitest';
import { countdown } from '../../renderer/features/together/waiting/countdown.ts';
import { givingUp, publishing } from '../../shared/domain/waiting-decisions.ts';
import { roundsOf } from '../../renderer/features/together/groups/progress.ts';
import type { WaitingItem } from '../../shared/contract/status.ts';
import { needsPerson } from '../../shared/domain/needs-person.ts';
import { groups, waiting } from '../support/together-samples.ts';

const [front, prices, missing, failing, guard] = waiting(0) as [
  WaitingItem,
  WaitingItem,
  WaitingItem,
  WaitingItem,
  WaitingItem,
];
const late: WaitingItem = {
  id: 'www:word:7',
  site: 'www',
  kind: 'release',
  error: { code: 'release.mirrors-late', params: { name: 'Spring', ready: 1, of: 3, quorum: 2 } },
  since: 0,
};
const watch: WaitingItem = {
  id: 'www:watch',
  site: 'www',
  kind: 'failing',
  error: { code: 'watch.limit', params: {} },
  since: 0,
};

test('what waits for a person is told from what goes on by itself', () => {
  const items = [front, prices, missing, failing, guard, late, watch];
  expect(items.filter(needsPerson)).toEqual([prices, failing, guard, late, watch]);
});

test('each kind is published and given up in its own way, as far as the engine does it', () => {
  const items = [front, prices, missing, failing, guard, late, watch];
  expect(items.map((item) => [publishing(item, 'master'), givingUp(item, 'master')])).toEqual([
    ['as-it-is', 'changes'],
    ['as-it-is', 'changes'],
    ['as-it-is', 'changes'],
    ['try', 'transfer'],
    ['deletes', undefined],
    ['word', undefined],
    ['try', undefined],
  ]);
  expect(givingUp(guard, 'mirror')).toBe('deletes');
  const lost: WaitingItem = { ...watch, id: 'www:site', error: { code: 'site.root-missing', params: {} } };
  const other: WaitingItem = { ...lost, error: { code: 'site.root-other', params: {} } };
  const ways = [lost, other, { ...lost, peer: 'tokyo' }].map((item) => [
    publishing(item, 'master'),
    publishing(item, 'mirror'),
  ]);
  // At a master nothing can be put in place of what is not there; what is to be done at a mirror is done there.
  expect(ways).toEqual([
    [undefined, 'refill'],
    ['adopt', 'adopt'],
    [undefined, undefined],
  ]);
  expect(givingUp({ ...guard, peer: 'tokyo' }, 'master')).toBe('deletes');
});

test('a countdown goes in steps that a person can follow, and never says less than is left', () => {
  const SECOND = 1000;
  const MINUTE = 60 * SECOND;
  expect(
    [-5, 0, 1, 1500, 60 * SECOND, 61 * SECOND, 61 * MINUTE, 25 * 60 * MINUTE].map((left) => countdown(left, 0)),
  ).toEqual([0, 0, SECOND, 2 * SECOND, 60 * SECOND, 2 * MINUTE, 66 * MINUTE, 1584 * MINUTE]);
});

test('members that have come are counted where the rule counts them and all that are missing are named', () => {
  const [all, settle] = groups;
  const rounds = roundsOf(all!, [front, prices, missing]);
  expect(rounds).toEqual([{ peer: 'tokyo', item: front, here: { count: 2, of: 5 } }]);
  expect(roundsOf(settle!, [front, prices])).toEqual([{ peer: 'osaka', item: prices, here: undefined }]);
  expect(roundsOf({ ...all!, site: 'other' }, [front])).toEqual([]);
  // A pattern of which something else was named, or content that is on its way: no number that may be wrong.
  const unknown = { ...front, waitsFor: ['elsewhere.css'] };
  expect(roundsOf(all!, [unknown])[0]?.here).toBeUndefined();
  expect(
    roundsOf(all!, [{ ...front, error: { code: 'wait.content', params: { group: 'front-page' } } }])[0]?.here,
  ).toBe(undefined);
});
