import { expect, test } from 'vitest';
import { Twins } from '../../electron/engine/link/twins.ts';

function dialling() {
  let now = 0;
  const twins = new Twins(() => now);
  const dial = (id: string, from = '192.0.2.1'): unknown => twins.dialled('tokyo', { id, from })?.params['from'];
  return { twins, dial, pass: (millis: number) => (now += millis) };
}

test('a run that dials again after another one is not alone, and it is told from where the two come', () => {
  const { twins, dial } = dialling();
  expect([dial('one'), dial('other', '192.0.2.2'), twins.of('tokyo')]).toEqual([undefined, undefined, undefined]);
  expect(dial('one')).toBe('192.0.2.2, 192.0.2.1');
  expect(twins.of('tokyo')?.code).toBe('link.replaced');
  expect(twins.of('osaka')).toBeUndefined();
});

test('an install that is started again and again, or dials again and again, is one', () => {
  const { dial } = dialling();
  const runs = Array.from({ length: 50 }, (_, number) => `run-${number}`);
  for (const run of runs) expect([dial(run), dial(run)]).toEqual([undefined, undefined]);
});

test('once one of the two was stopped it is forgotten after a while, and noticed anew when it comes back', () => {
  const { twins, dial, pass } = dialling();
  for (const run of ['one', 'other', 'one']) dial(run);
  pass(59_000);
  expect(dial('one')).toBe('192.0.2.1');
  pass(1_000);
  expect([dial('one'), twins.of('tokyo')]).toEqual([undefined, undefined]);
  expect(dial('other')).toBe('192.0.2.1');
});
