import { expect, test } from 'vitest';
import { expectNamedTests, titles } from '../support/named-tests.ts';

test('every test that SECURITY.md names is there', async () => {
  await expectNamedTests(new URL('../../SECURITY.md', import.meta.url), 45);
});

test('a test that is named is one that runs', () => {
  const source = [
    `test('plain', () => {});`,
    `test.each<[string, (of: string) => void]>([['of (each', () => {}]])('%s of each', () => {});`,
    `test.runIf(has('lftp'))(\n  "somebody's, where it can", () => {});`,
    `test.skip('skipped', () => {});`,
    `test.todo('to do');`,
    `// test('a comment', () => {});`,
    `const text = 'a string';`,
    `run('test', 'no test');`,
  ].join('\n');
  expect([...titles(source)]).toEqual(['plain', '%s of each', "somebody's, where it can"]);
});
