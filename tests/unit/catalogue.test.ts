import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { en } from '../../renderer/i18n/en.ts';
import { ja } from '../../renderer/i18n/ja.ts';

const renderer = join(import.meta.dirname, '..', '..', 'renderer');
const sources = globSync('**/*.{ts,tsx}', { cwd: renderer })
  .filter((file) => !file.startsWith('i18n'))
  .map((file) => readFileSync(join(renderer, file), 'utf8'))
  .join('\n');

/** Each text of a catalogue by its path; that of a function with its parameters in its place. */
function texts(node: unknown, path: readonly string[] = []): [path: string, text: string][] {
  if (typeof node === 'string') return [[path.join('.'), node]];
  if (typeof node === 'function')
    return [[path.join('.'), (node as (...values: string[]) => string)(...Array<string>(node.length).fill('x'))]];
  if (typeof node !== 'object' || node === null) throw new Error(`not a text: ${path.join('.')}`);
  return Object.entries(node).flatMap(([key, child]) => texts(child, [...path, key]));
}

/** By its own name, or by a look-up in what it is a part of. */
function isUsed(path: string): boolean {
  const keys = path.split('.');
  const last = keys.at(-1) ?? '';
  if (new RegExp(`\\.${last}\\b|\\['${last}'\\]`).test(sources)) return true;
  return keys.slice(0, -1).some((key) => new RegExp(`\\.${key}\\s*(\\[|[,;)}])`).test(sources));
}

test('every text is used', () => {
  expect(
    texts(en)
      .map(([path]) => path)
      .filter((path) => !isUsed(path)),
  ).toEqual([]);
});

/** Names of formats, paths, and what is but numbers and signs. */
const OF_NO_LANGUAGE = /^(?:[A-Z]{3,}|\S*[/*{]\S*|\S+ [·/] \S+|)$/;

test('every Japanese text is Japanese', () => {
  const foreign = texts(ja).filter(
    ([, text]) => !/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text) && !OF_NO_LANGUAGE.test(text),
  );
  expect(foreign).toEqual([]);
});
