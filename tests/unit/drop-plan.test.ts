import { expect, test } from 'vitest';
import type { Comparison } from '../../electron/engine/publishing/compare.ts';
import { doubtsAt, isWindowsName } from '../../electron/engine/publishing/mirror-doubts.ts';
import { PaceMeter } from '../../electron/engine/publishing/pace-meter.ts';
import { phasesOf } from '../../electron/engine/publishing/phases.ts';
import type { PlaceEntry } from '../../electron/engine/publishing/place.ts';
import { baseAt } from '../../electron/engine/publishing/targets.ts';
import { togetherWords } from '../../electron/engine/publishing/release-way.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';

const path = (text: string): SitePath => text as SitePath;

function found(more: {
  folders?: string[];
  files?: Record<string, number>;
  changed?: Record<string, number>;
  removed?: Record<string, 'file' | 'dir'>;
  siblings?: Record<string, string[]>;
}): Comparison {
  const file = (isNew: boolean) => (entry: [string, number]) => ({
    path: path(entry[0]),
    absolute: `/src/${entry[0]}`,
    size: entry[1],
    mtime: 0,
    identity: '',
    isNew,
  });
  const entry = (name: string): PlaceEntry => ({ name, kind: 'file', size: 1, mtime: 0 });
  return {
    folders: (more.folders ?? []).map(path),
    files: [
      ...Object.entries(more.files ?? {}).map(file(true)),
      ...Object.entries(more.changed ?? {}).map(file(false)),
    ],
    unchanged: 0,
    removed: Object.entries(more.removed ?? {}).map(([each, kind]) => ({ path: path(each), kind })),
    refused: [],
    leftOut: 0,
    filesThere: 0,
    bySizeOnly: false,
    siblings: new Map(Object.entries(more.siblings ?? {}).map(([folder, names]) => [path(folder), names.map(entry)])),
  };
}

test('room is made first, then folders, files, pages, and deletes last, the deepest first', () => {
  const phases = phasesOf(
    found({
      folders: ['b', 'new', 'new/deep'],
      files: { a: 1, 'new/x.css': 1, 'new/deep/page.html': 1 },
      changed: { 'index.HTM': 1, 'logo.svg': 1 },
      removed: { 'old/x': 'file', old: 'dir', b: 'file', 'a/one': 'file', a: 'dir' },
    }),
  );
  expect(phases.map(({ inOrder, tasks }) => [inOrder, tasks.map((task) => `${task.do} ${task.path}`)])).toEqual([
    [true, ['remove b', 'remove a/one', 'remove a']],
    [true, ['make b', 'make new', 'make new/deep']],
    [false, ['send a', 'send new/x.css', 'send logo.svg']],
    [false, ['send new/deep/page.html', 'send index.HTM']],
    [true, ['remove old/x', 'remove old']],
  ]);
  expect(phasesOf(found({}))).toEqual([]);
});

test.each([
  ['con', false],
  ['CON.txt', false],
  ['console.txt', true],
  ['com1', false],
  ['com10', true],
  ['a.', false],
  ['a ', false],
  ['a:b', false],
  ['what?', false],
  ['.htaccess', true],
  ['日本語.html', true],
])('a name for Windows: %s %s', (name, expected) => {
  expect(isWindowsName(name)).toBe(expected);
});

const drop = found({
  folders: ['img'],
  files: { 'img/A.png': 10, 'img/a.png': 20, 'aux.html': 5 },
  changed: { 'index.html': 7 },
  siblings: { '': ['Index.html', 'index.html', 'IMG-old'], img: [] },
});

test('a mirror that has told what its disk holds: what does not fit is sure, but for room', () => {
  const windows = { windowsNames: true, caseSensitive: false, free: 41 };
  const { known, count, doubts } = doubtsAt({ name: 'osaka', disk: windows, gets: () => true }, drop);
  expect([known, count]).toEqual([true, 4]);
  expect(doubts.map(({ path: at, sure, error }) => [at, sure, error.code, error.params['other']])).toEqual([
    ['', false, 'publish.mirror-room', undefined],
    ['aux.html', true, 'path.unsupported-name', undefined],
    ['img/a.png', true, 'path.case-clash', 'A.png'],
    ['index.html', true, 'path.case-clash', 'Index.html'],
  ]);
});

test('one that has told nothing: possibilities only; one whose disk takes all: none; by its routes', () => {
  const unknown = doubtsAt({ name: 'tokyo', disk: undefined, gets: () => true }, drop);
  expect([unknown.known, unknown.doubts.every(({ sure }) => !sure), unknown.count]).toEqual([false, true, 3]);
  const linux = { windowsNames: false, caseSensitive: true, free: 42 };
  expect(doubtsAt({ name: 'berlin', disk: linux, gets: () => true }, drop)).toMatchObject({ count: 0, doubts: [] });
  const images = doubtsAt({ name: 'tokyo', disk: undefined, gets: (each) => each.startsWith('img/') }, drop);
  expect(images.doubts.map((each) => each.path)).toEqual(['img/a.png']);
});

test('a rate over the last seconds, and what is left of it only when it can be known', () => {
  const meter = new PaceMeter();
  expect([meter.rate(0), meter.remaining(100, 0)]).toEqual([0, undefined]);
  for (let at = 0; at <= 2_000; at += 100) meter.add(at * 10, at);
  expect(meter.rate(2_000)).toBe(10_000);
  expect(meter.remaining(50_000, 2_000)).toBe(5_000);
  expect(meter.remaining(50_000, 500)).toBeUndefined();
  // It stands still: the rate falls.
  expect(meter.rate(10_000)).toBe(2_000);
  for (let at = 10_000; at <= 12_000; at += 100) meter.add(20_000 + (at - 10_000) * 100, at);
  expect(meter.rate(12_000)).toBe(100_000);
});

test('the folder of a target, from where the login leads or from the root', () => {
  expect([baseAt('/', ''), baseAt('/home/x', ''), baseAt('/home/x', 'htdocs/')]).toEqual([
    '',
    '/home/x',
    '/home/x/htdocs',
  ]);
  expect([baseAt('/home/x', '/srv//www'), baseAt('/', '/')]).toEqual(['/srv/www', '']);
});

test('a release for all mirrors at once is committed in the words of SITE RELEASE', () => {
  expect(togetherWords(undefined)).toBe('');
  expect(togetherWords({ limit: 60_000 })).toBe(' TOGETHER LIMIT 60');
  expect(togetherWords({ quorum: 2, limit: 5_000 })).toBe(' TOGETHER 2 LIMIT 5');
});
