import { join } from 'node:path';
import { parseSync } from 'vite';
import { expect, test } from 'vitest';
import { textTroubles } from '../../build/texts.ts';
import { jsxTexts } from '../../build/texts/jsx-texts.ts';
import { foreign } from '../../build/texts/languages.ts';
import { leavesOf, TextUses } from '../../build/texts/text-uses.ts';

const catalogue = { a: 'A', group: { one: 'One', two: 'Two', deep: { x: 'X', y: 'Y' } }, kinds: { p: 'P', q: 'Q' } };

function unused(source: string): string[] {
  const uses = new TextUses(catalogue);
  uses.read(parseSync('a.tsx', source).program);
  return leavesOf(catalogue).flatMap(({ path }) => (uses.isUsed(path) ? [] : [path.join('.')]));
}

test('all texts of this checkout are shown, in their language, and stand in the catalogues', () => {
  expect(textTroubles(join(import.meta.dirname, '../..'))).toEqual([]);
});

test.each([
  ['const { t } = useText(); t.a;', ['group.one', 'group.two', 'group.deep.x', 'group.deep.y', 'kinds.p', 'kinds.q']],
  ['const words = t.group; words.one; t.a; words.deep.x;', ['group.two', 'group.deep.y', 'kinds.p', 'kinds.q']],
  // A part that is handed on, or chosen from by a value, is used as a whole.
  ['const words = t.group; f(words.deep); t.kinds[kind];', ['a', 'group.one', 'group.two']],
  ['const { one, deep } = t.group; one; deep.y;', ['a', 'group.two', 'group.deep.x', 'kinds.p', 'kinds.q']],
  ['const words = t.group;', leavesOf(catalogue).map(({ path }) => path.join('.'))],
  [
    "function f(words: Messages['group'], all: Messages) { words.two; catalogues[locale].a; all.kinds.p; }",
    ['group.one', 'group.deep.x', 'group.deep.y', 'kinds.q'],
  ],
])('%s uses all but %j', (source, expected) => {
  expect(unused(source)).toEqual(expected);
});

test('texts in components are found, and no more than these', () => {
  const source = `
    const a = (
      <section aria-label="Hard coded" title={open ? t.a : 'Shut'} className="panel head">
        Said here {t.a} · {n}
        <code>lockstep run</code>
        {n > 1 ? 'many' : t.one}
        <input placeholder="css/**" type="search" />
        <input placeholder="The name of it" />
      </section>
    );`;
  const found = jsxTexts(parseSync('a.tsx', source).program, source).map((what) => what.replace(/ belongs.*/u, ''));
  expect(found.sort()).toEqual(['3: “Hard coded”', '3: “Said here”', '3: “Shut”', '6: “many”', '8: “The name of it”']);
});

test.each([
  ['すべてのミラーが同期済みです。', []],
  ['「lockstep run」が表示する config.json の img/** を 3 ms で', []],
  ['FTP サーバーと Lockstep', []],
  ['この mirror は behind です', ['mirror', 'behind']],
])('%s has these foreign words: %j', (text, words) => {
  expect(foreign(text)).toEqual(words);
});
