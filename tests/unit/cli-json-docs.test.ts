import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { commandOutputs } from '../../shared/contract/command-line.ts';
import { commands } from '../../electron/entry/cli/commands.ts';

const docs = await readFile(new URL('../../docs/json.md', import.meta.url), 'utf8');
const reference = await readFile(new URL('../../docs/command-line.md', import.meta.url), 'utf8');

const examples = new Map(
  [...docs.matchAll(/^## lockstep ([a-z ]+)\n.*?```json\n(.*?)```/gmsu)].map(([, words = '', example = '']) => [
    words,
    JSON.parse(example) as unknown,
  ]),
);

test('every command that has --json has a shape and an example', () => {
  const withJson = commands.filter(({ options }) => 'json' in options).map(({ words }) => words.join(' '));
  expect(Object.keys(commandOutputs).sort()).toEqual(withJson.toSorted());
  expect([...examples.keys()].sort()).toEqual(withJson.toSorted());
});

test.each([...examples])('the example of %s has the shape that is promised, and no other keys', (words, example) => {
  const schema = commandOutputs[words as keyof typeof commandOutputs];
  expect(schema.parse(example)).toEqual(example);
});

test('the reference names every command and every option', () => {
  for (const { words, options } of commands) {
    expect(reference).toContain(`### lockstep ${words.join(' ')}`);
    const head = `### lockstep ${words.join(' ')}`;
    const [, section = ''] = reference.split(new RegExp(`^${head}\\b`, 'm'));
    const [own = ''] = section.split(/^##/m);
    for (const name of Object.keys(options).filter((each) => each !== 'data' && each !== 'json'))
      expect(`${head}: ${own}`).toContain(`--${name}`);
  }
});
