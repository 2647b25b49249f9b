import { expect, test } from 'vitest';
import { isWhole, makeContent } from '../soak/content.ts';
import { ABSENT, Model } from '../soak/model.ts';

const at = (tree: Record<string, string>) => async (path: string) => tree[path] ?? ABSENT;

test('a file of the soak is whole, or it is seen that it is not', () => {
  const one = makeContent('p0-1', 5000);
  const other = makeContent('p0-2', 5000);
  expect([one, other, makeContent('p0-3', 0)].map(isWhole)).toEqual([true, true, true]);
  const broken = [
    one.subarray(0, 4999),
    Buffer.concat([one, Buffer.from('x')]),
    Buffer.concat([one.subarray(0, 2000), other.subarray(2000)]),
    Buffer.alloc(5000),
    Buffer.alloc(0),
  ];
  expect(broken.map(isWhole)).toEqual([false, false, false, false, false]);
});

test('what was promised must be there, what was refused must not', async () => {
  const model = new Model();
  model.begin('put a', new Map([['a', '1']])).done();
  model.begin('put b', new Map([['b', '2']])).refused();
  expect(await model.compare(at({ a: '1' }))).toEqual([]);
  expect(await model.compare(at({}))).toEqual(['a must hold 1 and holds absent']);
  expect(await model.compare(at({ a: '1', b: '2' }))).toEqual(['b must hold absent and holds 2']);
});

test('what was cut off is done or undone, all of it, and is left alone until that is seen', async () => {
  const model = new Model();
  model.begin('put a', new Map([['a', '1']])).done();
  const rename = new Map([
    ['a', ABSENT],
    ['b', '1'],
  ]);
  model.begin('rename', rename).unknown();
  expect([model.isBusy('a'), model.isBusy('b'), model.unknown]).toEqual([true, true, 1]);
  expect(() => model.begin('put b', new Map([['b', '2']]))).toThrow('changed by two');
  await model.resolve(at({ b: '1' }), 0);
  expect([[...model.faults], model.held('a'), model.held('b'), model.present()]).toEqual([[], ABSENT, '1', ['a', 'b']]);
  model
    .begin(
      'rename back',
      new Map([
        ['a', '1'],
        ['b', ABSENT],
      ]),
    )
    .unknown();
  await model.resolve(at({ a: '1', b: '1' }), 0);
  expect([...model.faults]).toEqual(['rename back was cut off, and is neither done nor undone: a holds 1, b holds 1']);
});
