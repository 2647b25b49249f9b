import { expect, test } from 'vitest';
import { compileGroups } from '../../electron/engine/core/groups.ts';
import { fileGroup } from '../../shared/contract/rules.ts';
import { path } from '../support/plan-input.ts';

function membership(groups: Readonly<Record<string, readonly string[]>>) {
  const rules = Object.entries(groups).map(([name, members]) => fileGroup.parse({ name, members, rule: 'all' }));
  const groupsOf = compileGroups(rules);
  return (name: string) => groupsOf(path(name)).map(({ group, member }) => `${group.name}: ${member}`);
}

test('a member is a path, or a glob as in routes', () => {
  const of = membership({ shop: ['shop.html', 'shop/**', '*.{css,js}', 'img/[ab].png'] });
  expect(of('shop.html')).toEqual(['shop: shop.html']);
  expect(of('shop/cart/.hidden')).toEqual(['shop: shop/**']);
  expect(of('shop')).toEqual([]);
  expect(of('shop.css')).toEqual(['shop: *.{css,js}']);
  expect(of('shop-old/shop.css')).toEqual([]);
  expect(of('img/b.png')).toEqual(['shop: img/[ab].png']);
  expect(of('img/c.png')).toEqual([]);
});

test('a character of a glob that is meant itself stands after a backslash', () => {
  const of = membership({ g: ['a \\(1\\).html', 'b-c_d~e.html', '\\*/x'] });
  expect(of('a (1).html')).toEqual(['g: a \\(1\\).html']);
  expect(of('b-c_d~e.html')).toEqual(['g: b-c_d~e.html']);
  expect(of('*/x')).toEqual(['g: \\*/x']);
  expect(of('a/x')).toEqual([]);
});

test('a path may be in several groups, and match several members, in the order of the rules', () => {
  const of = membership({ one: ['**', 'a.html'], other: ['x', '{a,b}.html', '*.html'], none: ['nothing/*.png'] });
  expect(of('a.html')).toEqual(['one: **', 'one: a.html', 'other: {a,b}.html', 'other: *.html']);
  expect(of('c/d')).toEqual(['one: **']);
});

test('without groups nothing is in one', () => {
  expect(membership({})('a.html')).toEqual([]);
});

test('a name with characters of patterns is itself', () => {
  const of = membership({ album: ['photo (1).jpg', 'a[1]/x'] });
  expect(of('photo (1).jpg')).toEqual(['album: photo (1).jpg']);
  expect(of('a[1]/x')).toEqual(['album: a[1]/x']);
});
