import { expect, test } from 'vitest';
import type { SitePath } from '../../shared/domain/site-path.ts';
import type { Step } from '../../electron/engine/tree/steps.ts';
import { Taken } from '../../electron/engine/tree/taken.ts';

const at = (path: string): SitePath => path as SitePath;
const remove = (path: string, identity: string): Step => ({ do: 'remove', path: at(path), identity });
const move = (from: string, path: string, identity: string): Step => ({
  do: 'move',
  from: at(from),
  path: at(path),
  identity,
});

test('what plans take away is found by its path, until each of them is forgotten', () => {
  const taken = new Taken();
  const [first, second, third] = [remove('a', '1'), move('a', 'b', '2'), remove('a', '3')];
  taken.add(1, [first, { do: 'makeDir', path: at('c') }]);
  taken.add(2, [second, third]);
  expect(taken.at(at('a'))).toEqual([first, second, third]);
  expect(taken.at(at('b'))).toEqual([second]);
  expect(taken.at(at('c'))).toEqual([]);
  taken.drop(2);
  taken.drop(2);
  expect(taken.at(at('a'))).toEqual([first]);
  expect(taken.at(at('b'))).toEqual([]);
  taken.drop(1);
  expect(taken.at(at('a'))).toEqual([]);
});
