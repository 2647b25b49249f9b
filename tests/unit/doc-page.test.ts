import { expect, test } from 'vitest';
import { isShownOutput, readDocPage } from '../support/doc-page.ts';

const fence = '```';

test('a page says of each block whether it is run, where, and what it prints', () => {
  const text = [
    '<!-- needs: lsyncd rsync -->',
    `${fence}sh at:mirror needs:lftp`,
    'lftp',
    fence,
    `${fence}text output`,
    'hello …',
    fence,
    '<!-- sh',
    'mkdir a',
    '-->',
    `${fence}sh no-run: it needs root`,
    'reboot',
    fence,
    `${fence}json`,
    '{}',
    fence,
  ].join('\n');
  expect(readDocPage(text)).toEqual({
    needs: ['lsyncd', 'rsync'],
    blocks: [
      { kind: 'run', machine: 'mirror', needs: ['lftp'], script: 'lftp\n', expected: 'hello …\n', line: 2 },
      { kind: 'run', machine: 'master', needs: [], script: 'mkdir a\n', line: 8 },
      { kind: 'left-out', reason: 'it needs root', line: 11 },
      { kind: 'shown', language: 'json', line: 14 },
    ],
  });
});

test.each(['', 'bash', 'sh no-run:', 'sh at', 'sh elsewhere', 'text output'])('a block “%s” is refused', (info) => {
  expect(() => readDocPage(`${fence}${info}\nls\n${fence}\n`)).toThrow(/^line 1: /);
});

test('what is shown is all that is printed, but for what … stands for', () => {
  expect(isShownOutput('a … c\n', 'a b c\n')).toBe(true);
  expect(isShownOutput('a\n…\nd\n', 'a\nb\nc\nd\n')).toBe(true);
  expect(isShownOutput('a\n…\nd\n', 'a\nd\n')).toBe(true);
  expect(isShownOutput('', '')).toBe(true);
  expect(isShownOutput('', 'a\n')).toBe(false);
  expect(isShownOutput('a\n', 'a\nb\n')).toBe(false);
  expect(isShownOutput('a.c\n', 'abc\n')).toBe(false);
  expect(isShownOutput('a …\n', 'b\n')).toBe(false);
});
