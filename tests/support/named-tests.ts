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

/** Whatever stands in quotes: titles of tests are plain strings. */
function titles(source: string): Set<string> {
  const found = new Set<string>();
  for (const [, single, double] of source.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"/g))
    found.add((single ?? double ?? '').replace(/\\(.)/g, '$1'));
  return found;
}
