import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { madeWith } from '../../renderer/features/settings/made-with.ts';

const home = join(import.meta.dirname, '..', '..');
const read = (...path: string[]): { license?: string; dependencies?: object } =>
  JSON.parse(readFileSync(join(home, ...path, 'package.json'), 'utf8')) as { license?: string };

test('the list of what the app is made with names every package, by its licence', () => {
  const named = Object.values(madeWith).flat();
  expect(named.toSorted()).toEqual([...Object.keys(read().dependencies ?? {}), 'electron'].toSorted());
  const licences = Object.entries(madeWith).flatMap(([licence, names]) => names.map((name) => [name, licence]));
  expect(licences).toEqual(licences.map(([name = '']) => [name, read('node_modules', name).license]));
});
