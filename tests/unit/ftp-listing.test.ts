import { expect, test } from 'vitest';
import {
  FACTS,
  factsLine,
  formatTime,
  listLine,
  parseTime,
  wildcard,
} from '../../electron/engine/master/ftp-server/listing.ts';

const time = Date.UTC(2026, 10, 23, 4, 5, 6, 789);
const file = { name: ' a "b"', kind: 'file', size: 12, mtime: time, mode: 0o100644 } as const;
const folder = { name: '日本', kind: 'dir', size: 0, mtime: Date.UTC(1999, 0, 2), mode: 0o40755 } as const;

test('lines of LIST', () => {
  const now = time + 1000;
  expect([listLine(file, now), listLine(folder, now), listLine(file, time - 86_400_000)]).toEqual([
    '-rw-r--r-- 1 ftp ftp           12 Nov 23 04:05  a "b"',
    'drwxr-xr-x 1 ftp ftp            0 Jan  2  1999 日本',
    '-rw-r--r-- 1 ftp ftp           12 Nov 23  2026  a "b"',
  ]);
});

test('lines of MLSD, as the account may do what', () => {
  const all = new Set(FACTS);
  expect([factsLine(file, all, true), factsLine(file, all, false), factsLine(folder, all, true)]).toEqual([
    'type=file;size=12;modify=20261123040506;perm=adfrw;UNIX.mode=0644;  a "b"',
    'type=file;size=12;modify=20261123040506;perm=r;UNIX.mode=0644;  a "b"',
    'type=dir;modify=19990102000000;perm=cdeflmp;UNIX.mode=0755; 日本',
  ]);
  expect(factsLine(folder, new Set(['size', 'type']), false)).toBe('type=dir; 日本');
  expect(factsLine(file, new Set(), false, '/x')).toBe(' /x');
});

test('times are read and written in UTC', () => {
  expect(parseTime('20261123040506.789')).toBe(time);
  expect(parseTime('20261123040506.7')).toBe(time - 89);
  expect(parseTime('20261123040506.7890000000001')).toBe(time);
  expect(formatTime(time)).toBe('20261123040506');
  expect(['20261332000000', '20260229000000', '2026112304050', '20261123040506Z', ''].map(parseTime)).toEqual(
    Array(5).fill(undefined),
  );
});

test('patterns', () => {
  const matches = (pattern: string, name: string) => wildcard(pattern)?.(name);
  expect(matches('*.txt', 'a.txt')).toBe(true);
  expect(matches('*.txt', 'a.txt.gz')).toBe(false);
  expect(matches('?本*', '日本語')).toBe(true);
  expect(matches('*a*b*c', 'xxaxxbxxc')).toBe(true);
  expect(matches(`${'*a'.repeat(2000)}b`, 'a'.repeat(4000))).toBe(false);
  expect(wildcard('plain[1].txt')).toBeUndefined();
});
