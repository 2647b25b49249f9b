import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clientPath, quoted, resolvePath } from '../../electron/engine/master/ftp-server/client-path.ts';
import { isReserved, isWithin, ROOT, type SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';

const docs = 'docs' as SitePath;

function outcome(folder: SitePath, cwd: string, arg: string, aboveRoot: 'stay' | 'refuse' = 'refuse'): string {
  try {
    return resolvePath(folder, cwd as SitePath, arg, aboveRoot);
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

test('relative and absolute names, "." and ".." are resolved within the folder of the account', () => {
  const cases: [SitePath, string, string, string][] = [
    [ROOT, '', 'a', 'a'],
    [ROOT, 'a/b', 'c', 'a/b/c'],
    [ROOT, 'a/b', '/c', 'c'],
    [ROOT, 'a/b', '../c/./d//e/', 'a/c/d/e'],
    [ROOT, 'a/b', '../..', ''],
    [ROOT, 'a', ' x ', 'a/ x '],
    [ROOT, 'a', '', 'a'],
    [docs, 'docs', '/a', 'docs/a'],
    [docs, 'docs/x', '..', 'docs'],
    [docs, 'docs', '.lockstep', 'docs/.lockstep'],
  ];
  expect(cases.map(([folder, cwd, arg]) => outcome(folder, cwd, arg))).toEqual(cases.map((row) => row[3]));
});

test('".." above the root stays there for CWD and is refused otherwise', () => {
  expect(outcome(ROOT, 'a', '../../../etc', 'stay')).toBe('etc');
  expect(outcome(docs, 'docs', '..', 'stay')).toBe('docs');
  expect(outcome(ROOT, 'a', '../../../etc/passwd')).toBe('path.invalid');
  expect(outcome(docs, 'docs', '../other')).toBe('path.invalid');
  expect(outcome(docs, 'docs', '/../other')).toBe('path.invalid');
});

test('what no site can hold is refused', () => {
  const refused = [
    'a\\..\\b',
    '..\\..\\x',
    'c:/x',
    'C:x',
    'a\u0001',
    '.lockstep',
    '.LOCKSTEP/x',
    '.lockstep ',
    'x/../.lockstep',
  ];
  expect(refused.map((arg) => outcome(ROOT, '', arg))).toEqual(
    refused.map((arg) => (/lockstep/i.test(arg) ? 'path.reserved' : 'path.invalid')),
  );
});

test('nothing that a client writes leaves its folder', () => {
  const piece = fc.constantFrom(
    '..',
    '.',
    '',
    '/',
    'a',
    'docs',
    '\\',
    '..\\',
    '%2e%2e',
    '．．',
    '\u2025',
    'C:',
    '.lockstep',
  );
  fc.assert(
    fc.property(
      fc.constantFrom(ROOT, docs),
      fc.array(piece, { maxLength: 12 }),
      fc.boolean(),
      (folder, pieces, stay) => {
        const path = outcome(folder, folder, pieces.join('/'), stay ? 'stay' : 'refuse');
        if (path.startsWith('path.')) return;
        expect(isWithin(path as SitePath, folder)).toBe(true);
        expect(path.split('/').includes('..')).toBe(false);
        if (path !== '') expect(isReserved(path.split('/')[0] ?? '')).toBe(false);
      },
    ),
  );
});

test('clients see paths from their root, quotes doubled', () => {
  expect(clientPath(docs, 'docs/a "b"' as SitePath)).toBe('/a "b"');
  expect(clientPath(ROOT, ROOT)).toBe('/');
  expect(quoted('/a "b"')).toBe('"/a ""b"""');
});
