import { expect, test, vi } from 'vitest';
import { chooseLogins } from '../../electron/engine/publishing/logins/choose.ts';
import { parseReferences } from '../../electron/engine/references/references.ts';
import { linkMessage } from '../../shared/contract/link.ts';
import { parseSitePath, type SitePath } from '../../shared/domain/site-path.ts';

// Marks of two classes in the wrong order: to compose so many takes time by the square of their number.
const marks = (count: number): string => `a${'\u0301'.repeat(count / 2)}${'\u0323'.repeat(count / 2)}`;
const FEW = 1000;

/** UTF-16 units of the longest name that was composed. */
function longestComposed(work: () => void): number {
  const composed = vi.spyOn(String.prototype, 'normalize');
  try {
    work();
    const names = composed.mock.contexts.flatMap((text) => String(text).split('/'));
    return names.reduce((longest, { length }) => Math.max(longest, length), 0);
  } finally {
    composed.mockRestore();
  }
}

test('a path is not composed where a name in it has too many marks', () => {
  const parse = (): void => {
    for (const count of [1000, 1_000_000])
      expect(parseSitePath(`a/${marks(count)}/b`)).toMatchObject({ ok: false, error: { code: 'path.too-long' } });
  };
  expect(longestComposed(parse)).toBeLessThan(FEW);
});

test('a message of a peer is not composed, whose paths are of marks', () => {
  const items = Array.from({ length: 250 }, () => ({ seq: 1, path: marks(4000), state: 'published' }));
  const counts = { publishedSeq: 0, waiting: 0, failing: 0, held: 0 };
  const message = { type: 'states', site: 'www', journal: '0'.repeat(32), ...counts, items };
  expect(longestComposed(() => expect(linkMessage.safeParse(message).success).toBe(false))).toBeLessThan(FEW);
});

test('a page’s link is not composed where a name in it has too many marks', () => {
  const page = Buffer.from(`<a href="${marks(1500)}"><a href="e\u0301">`);
  const parse = (): void => {
    const { references } = parseReferences('a.html' as SitePath, page, { bases: [] });
    expect(references).toMatchObject([{ path: 'é' }]);
  };
  expect(longestComposed(parse)).toBeLessThan(FEW);
});

test('a name in a file of logins is composed as far as a target’s name goes', () => {
  const login = '<Host>h</Host><User>u</User><Pass encoding="base64">cA==</Pass>';
  const text = `<FileZilla3><Servers><Server>${login}<Name>${marks(200_000)}</Name></Server></Servers></FileZilla3>`;
  const choose = (): void => expect(chooseLogins(text, []).targets).toMatchObject([{ place: { name: 'á' } }]);
  expect(longestComposed(choose)).toBeLessThanOrEqual(FEW);
});
