import { describe, expect, test } from 'vitest';
import { createResolver } from '../../electron/engine/references/resolve.ts';
import { unwrap } from '../../shared/errors/result.ts';
import { parseSitePath } from '../../shared/domain/site-path.ts';

function resolve(url: string, bases: readonly string[] = [], page = 'a/b/page.html'): string | undefined {
  const target = createResolver(unwrap(parseSitePath(page)), undefined, { bases })(url);
  return target && `${target.path}${target.folder ? '/' : ''}`;
}

describe('a site whose URL is not known', () => {
  test.each<[string, string | undefined]>([
    ['x.html', 'a/b/x.html'],
    ['../x.html', 'a/x.html'],
    ['/x.html', 'x.html'],
    ['../../../../x.html', 'x.html'],
    ['.', 'a/b/'],
    ['..', 'a/'],
    ['/', '/'],
    ['c', 'a/b/c'],
    ['c/', 'a/b/c/'],
    ['c//d///', 'a/b/c/d/'],
    ['x.html?y=/z#/w', 'a/b/x.html'],
    ['  x.html\n', 'a/b/x.html'],
    ['x\t.ht\nml', 'a/b/x.html'],
    ['sub\\x.html', 'a/b/sub/x.html'],
    ['a%20b', 'a/b/a b'],
    ['a b', 'a/b/a b'],
    ['%7Euser/', 'a/b/~user/'],
    ['%E6%97%A5%E6%9C%AC', 'a/b/日本'],
    ['cafe%CC%81', 'a/b/caf\u00e9'],
    ['%2E%2e/x', 'a/x'],
    ['100%25', 'a/b/100%'],
    ['%2541', 'a/b/%41'],
    ['caf%E9', undefined],
    ['50%', undefined],
    ['a%2Fb', undefined],
    ['a%5Cb', undefined],
    ['a%00b', undefined],
    ['%0d%0a', undefined],
    ['.lockstep/x', 'a/b/.lockstep/x'],
    ['/.lockstep/x', undefined],
    ['/.LOCKSTEP', undefined],
    ['/%2elockstep/staging', undefined],
    ['/C:/x', undefined],
    ['.../x', undefined],
    ['x'.repeat(256), undefined],
    ['\ud800', 'a/b/\ufffd'],
    ['//example.org/x', undefined],
    ['\\\\example.org\\x', undefined],
    ['http://example.org/x', undefined],
    ['https:x.html', 'a/b/x.html'],
    ['http://', undefined],
    ['javascript:x', undefined],
    ['mailto:x@example.org', undefined],
    ['data:,x', undefined],
    ['file:///x', undefined],
    ['x:y', undefined],
  ])('%j', (url, expected) => {
    expect(resolve(url)).toBe(expected);
  });
});

describe('a site whose URLs are known', () => {
  const bases = [
    'https://example.org/docs/',
    'http://mirror.example.net:8080',
    'https://b\u00fccher.example/caf\u00e9/',
  ];
  test.each<[string, string | undefined]>([
    ['x.html', 'a/b/x.html'],
    ['/docs/x.html', 'x.html'],
    ['/x.html', undefined],
    ['../../../x.html', undefined],
    ['/docs', '/'],
    ['/docs/', '/'],
    ['/docsx/y', undefined],
    ['https://example.org/docs/x', 'x'],
    ['http://EXAMPLE.org:80/docs/x', 'x'],
    ['//example.org/docs/%78/', 'x/'],
    ['https://user:secret@example.org/docs/x', 'x'],
    ['https://example.org:444/docs/x', undefined],
    ['https://example.org.evil.example/docs/x', undefined],
    ['https://example.org/%64ocs/x', 'x'],
    ['https://example.org/other/../docs/x', 'x'],
    ['https://mirror.example.net:8080/x', 'x'],
    ['http://mirror.example.net/x', undefined],
    ['https://xn--bcher-kva.example/cafe%cc%81/x', 'x'],
    ['https://example.org/docs/.lockstep/x', undefined],
    ['ftp://example.org/docs/x', undefined],
  ])('%j', (url, expected) => {
    expect(resolve(url, bases)).toBe(expected);
  });

  test('a base without a slash at the end is a folder; query and fragment of a base are nothing', () => {
    expect(resolve('x', ['https://example.org/docs?q#f'])).toBe('a/b/x');
    expect(resolve('/docs/x', ['https://example.org/docs?q#f'])).toBe('x');
  });

  test('what is no web address is no base', () => {
    expect(resolve('/x', ['', 'example.org', 'ftp://example.org/', 'https://example.org/%E9/'])).toBe('x');
  });
});

test('the name of a page is not taken for markup of a URL', () => {
  expect(resolve('x', [], 'a?b/c#d/50%/page.html')).toBe('a?b/c#d/50%/x');
});
