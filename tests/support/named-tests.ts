import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';

/** Links of a document in `docs/` (or at the top) whose target is a test file: `[title](…/x.test.ts)`. */
export async function expectNamedTests(document: URL, atLeast: number): Promise<void> {
  const text = await readFile(document, 'utf8');
  const links = [...text.matchAll(/\[([^\]]+)\]\(([^)]+\.(?:test|spec)\.ts)\)/g)].map(
    ([, title = '', target = '']) => ({
      title,
      target,
    }),
  );
  expect(links.length).toBeGreaterThanOrEqual(atLeast);
  const missing: string[] = [];
  for (const { title, target } of links) {
    const source = await readFile(new URL(target, document), 'utf8').catch(() => '');
    if (!titles(source).has(title)) missing.push(`${target}: ${title}`);
  }
  expect(missing).toEqual([]);
}

/** Titles of the tests of a source, as they are written; without those that are skipped, or are comments. */
export function titles(source: string): Set<string> {
  const found = new Set<string>();
  for (const { 0: head, 1: traits = '', index } of source.matchAll(/^[ \t]*(?:test|it)((?:\.\w+)*)(?=[<(])/gm)) {
    if (/skip\b|todo/.test(traits)) continue;
    // `test.each<…>(…)(title, …)`
    let at = afterBrackets(source, index + head.length, '<', '>');
    if (/each|for|runIf|skipIf/.test(traits)) at = afterBrackets(source, at, '(', ')');
    const [, single, double] = /^\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)")/.exec(source.slice(at)) ?? [];
    const title = single ?? double;
    if (title !== undefined) found.add(title.replace(/\\(.)/g, '$1'));
  }
  return found;
}

/** The place after what is in brackets at `at`; `at` where there is none. Brackets in strings do not count. */
function afterBrackets(source: string, at: number, open: string, close: string): number {
  if (source[at] !== open) return at;
  let depth = 0;
  for (let here = at; here < source.length; here += 1) {
    const character = source[here] ?? '';
    if ('\'"`'.includes(character)) here = endOfString(source, here);
    else if (character === open) depth += 1;
    else if (character === close && source[here - 1] !== '=') depth -= 1;
    if (depth === 0) return here + 1;
  }
  return at;
}

function endOfString(source: string, at: number): number {
  let end = at + 1;
  while (end < source.length && source[end] !== source[at]) end += source[end] === '\\' ? 2 : 1;
  return end;
}
