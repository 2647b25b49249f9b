import { expect, test } from 'vitest';
import type { Release, ReleaseDetails } from '../../shared/contract/releases.ts';
import type { ErrorParams } from '../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../shared/errors/codes.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { groupLine } from '../../electron/entry/cli/commands/group.ts';
import { linkLine } from '../../electron/entry/cli/commands/link.ts';
import { togetherOf } from '../../electron/entry/cli/commands/release.ts';
import { parseRoute, routeLines } from '../../electron/entry/cli/commands/route.ts';
import { decisionLines, waitingLines } from '../../electron/entry/cli/commands/waiting.ts';
import { folderPlanLines, releaseDetailLines, releaseLine } from '../../electron/entry/cli/release-text.ts';
import { moment } from '../../electron/entry/cli/text.ts';
import { durationText, parseDuration, parseLimit } from '../../electron/entry/cli/values.ts';

const NOW = 1_795_420_800_000;
const path = (text: string): SitePath => text as SitePath;

const release: Release = {
  site: 'www',
  id: 18_412,
  name: 'spring\u001b[2J',
  at: NOW,
  by: 'alice',
  changes: 3,
  peers: [
    { peer: 'osaka', readyAt: NOW + 180, publishedAt: NOW + 431 },
    { peer: 'berlin', readyAt: NOW + 415 },
    { peer: 'kyoto' },
  ],
};

test('lengths of time are read with their bounds, and written as they are read', () => {
  expect([0, 250, 2000, 90_000, 60_000, 7_200_000, 604_800_000].map(durationText)).toEqual([
    '0ms',
    '250ms',
    '2s',
    '90s',
    '1m',
    '2h',
    '7d',
  ]);
  expect([parseLimit('--limit', 'none'), parseLimit('--limit', '500ms')]).toEqual([null, 500]);
  expect(parseDuration('--x', '10s', { min: 10_000, max: 20_000 })).toBe(10_000);
  for (const bad of ['9s', '21s', 'none'])
    expect(() => parseDuration('--x', bad, { min: 10_000, max: 20_000 })).toThrow('usage');
  expect(() => parseLimit('--limit', '169h')).toThrow('usage.invalid');
});

test('a route is read with its mirrors', () => {
  expect(parseRoute('a=b/**=osaka, kyoto')).toEqual({ glob: 'a=b/**', mirrors: ['osaka', 'kyoto'] });
  expect(parseRoute('**=all')).toEqual({ glob: '**', mirrors: 'all' });
  expect(parseRoute('**/.git/**=none')).toEqual({ glob: '**/.git/**', mirrors: [] });
  for (const bad of ['**', '=all', '']) expect(() => parseRoute(bad)).toThrow('usage.invalid');
  expect(
    routeLines([
      { glob: 'img/**', mirrors: ['osaka', 'kyoto'] },
      { glob: '**', mirrors: 'all' },
    ]),
  ).toEqual(['1  img/**  osaka, kyoto', '2  **      all']);
});

test('together has a quorum and a limit of its own', () => {
  const none = { together: false, quorum: undefined, limit: undefined };
  expect(togetherOf(none)).toEqual({});
  expect(togetherOf({ ...none, together: true })).toEqual({ together: {} });
  expect(togetherOf({ together: true, quorum: '2', limit: '5s' })).toEqual({ together: { quorum: 2, limit: 5000 } });
  for (const bad of [
    { ...none, quorum: '2' },
    { ...none, limit: '2s' },
    { ...none, together: true, quorum: '0' },
    { ...none, together: true, limit: 'none' },
  ])
    expect(() => togetherOf(bad)).toThrow('usage.invalid');
});

test('groups and links are a line each', () => {
  const group = { site: 'www', name: 'front', members: ['a', 'b/**'], settle: 500, committed: 0 } as const;
  expect(groupLine({ ...group, members: ['a', 'b/**'], rule: 'settle', limit: 60_000, atLimit: 'hold' })).toEqual([
    'www',
    'front',
    'settle 500ms',
    '1m, then hold',
    'a  b/**',
  ]);
  expect(groupLine({ ...group, members: ['a'], rule: 'all', limit: null, atLimit: 'publish' })).toEqual([
    'www',
    'front',
    'all',
    'no limit',
    'a',
  ]);
  const link = { site: 'www', page: 'a.html', target: 'b/' } as const;
  expect(linkLine({ ...link, kind: 'found', missing: false })).toEqual(['a.html', '→ b/', '']);
  expect(linkLine({ ...link, kind: 'set', missing: true })).toEqual(['a.html', '→ b/', 'set by hand, missing']);
});

test('a release tells how far it is', () => {
  const words = (over: Partial<Release>): string | undefined => releaseLine({ ...release, ...over }).at(-1);
  expect(releaseLine(release)).toEqual([
    '18412',
    moment(NOW),
    'www',
    'spring\ufffd[2J',
    'alice',
    '3 changes',
    'at 1 of 3 mirrors',
  ]);
  expect(words({ together: { limit: 60_000 } })).toBe('2 of 3 mirrors ready');
  expect(words({ together: { limit: 60_000 }, goAt: NOW + 420 })).toBe('at 1 of 3 mirrors');
  expect(words({ convergedMillis: 437, skewMillis: 6 })).toBe('everywhere after 0.4 s, skew 6 ms');
  expect(words({ convergedMillis: 437 })).toBe('everywhere after 0.4 s');
  expect(words({ peers: [] })).toBe('no mirrors');
});

test('a release shows its mirrors and its changes', () => {
  const file = { kind: 'file', size: 3, mtime: NOW, sha256: 'a'.repeat(64) } as const;
  const details: ReleaseDetails = {
    ...release,
    name: 'spring',
    reverts: 18_400,
    together: { limit: 60_000 },
    goAt: NOW + 420,
    changeList: [
      { path: path('a.html'), before: file, after: { ...file, size: 4 } },
      { path: path('b.html'), before: { kind: 'gone' }, after: file },
      { path: path('c.html'), before: file, after: { kind: 'gone' } },
    ],
  };
  expect(releaseDetailLines(details)).toEqual([
    `18412 · spring · www · ${moment(NOW)} · by alice · 3 changes`,
    'Undoes release 18400.',
    'Together; the word was given 0.4 s after the commit.',
    '',
    'Mirrors',
    '  osaka   shown       after 0.4 s',
    '  berlin  ready       after 0.4 s',
    '  kyoto   on its way',
    '',
    'Changes: 1 new, 1 changed, 1 deleted',
    '  ~ a.html',
    '  + b.html',
    '  - c.html',
  ]);
});

test('a folder that is published says what becomes of it', () => {
  const none = { new: [], changed: [], unchanged: 1, deleted: [], refused: [] };
  const refused = [{ path: 'l', error: { code: 'path.link' as const, params: { path: 'l' } } }];
  const why = '  ! left out: “l” leads through a symbolic link, which Lockstep does not follow.';
  expect(folderPlanLines({ ...none, refused }, undefined)).toEqual(['Nothing differs: 1 file is as before.', why]);
  const plan = { ...none, new: [path('n')], changed: [path('c')], deleted: [path('d')], refused };
  expect(folderPlanLines(plan, undefined)).toEqual([
    'Nothing is published yet: 1 new, 1 changed, 1 deleted, 1 as before.',
    '  + n',
    '  ~ c',
    '  - d',
    why,
  ]);
  const sizes = { new: [null, 4812, 20_000_000], changed: [603] };
  const dropped = { ...none, new: [path('n'), path('n/a'), path('b')], changed: [path('c')], sizes };
  expect(folderPlanLines(dropped, undefined)).toEqual([
    'Nothing is published yet: 3 new, 1 changed, 0 deleted, 1 as before.',
    '  + b  20 MB',
    '  + n',
    '  + n/a  4.8 kB',
    '  ~ c  603 B',
  ]);
  expect(folderPlanLines(plan, { ...release, name: 'spring' })).toEqual([
    'Published as release 18412 “spring”: 1 new, 1 changed, 1 deleted, 1 as before.',
    why,
  ]);
});

test('what waits says why, for what, and until when', () => {
  expect(
    waitingLines(
      {
        id: 'www:group:front',
        site: 'www',
        peer: 'osaka',
        kind: 'group',
        path: 'index.html',
        files: 3,
        error: { code: 'wait.group', params: { group: 'front', missing: 'a.css' } },
        waitsFor: ['a.css'],
        since: NOW - 4000,
        until: NOW + 56_000,
      },
      NOW,
    ),
  ).toEqual([
    'www:group:front  www/index.html and 2 more files at osaka',
    '  group, has waited for 4.0 s, for at most 56 s more',
    '  The group “front” is not complete: a.css has not come yet. Upload what is missing, or publish what there is.',
    '  waits for: a.css',
  ]);
  const failing = { id: 'www:a', site: 'www', kind: 'failing', path: 'a', since: NOW - 4000 } as const;
  const error = { code: 'file.disk-full', params: { path: 'a' } } as const;
  const held = { ...failing, id: 'www:group:g', kind: 'group', files: 2 } as const;
  expect(waitingLines({ ...held, error: { code: 'wait.held', params: { group: 'g' } } }, NOW)[1]).toBe(
    '  group, has waited for 4.0 s, until someone decides',
  );
  const gone = { code: 'site.root-missing', params: {} } as const;
  expect(waitingLines({ ...failing, error: gone }, NOW)[1]).toBe('  failing for 4.0 s, until the folder is back');
  const unfit = { code: 'unfit.bytes', params: { path: 'a' } } as const;
  expect(waitingLines({ ...failing, error: unfit }, NOW)[1]).toBe(
    '  not published for 4.0 s, until it is fixed or gone',
  );
  const word = { code: 'wait.word', params: { release: 7, name: 'Spring', ready: 1, of: 3, quorum: 2 } } as const;
  expect(waitingLines({ ...held, kind: 'release', error: word }, NOW).slice(1)).toEqual([
    '  release, has waited for 4.0 s, until the master gives the word',
    '  The release “Spring” is here and waits for the word: 1 of 3 mirrors are ready; 2 are enough when the time is up. Nothing to do: the master gives the word.',
  ]);
  const drift = { code: 'drift.changed', params: { path: 'a' } } as const;
  expect(waitingLines({ ...failing, kind: 'drift', error: drift }, NOW)[1]).toMatch(/^ {2}changed here 4\.0 s ago/);
  expect(waitingLines({ ...failing, error, nextAttemptAt: NOW + 2000 }, NOW).slice(0, 2)).toEqual([
    'www:a  www/a',
    '  failing for 4.0 s, next try in 2.0 s',
  ]);
});

test('the commands that a sentence about what waits has in it can be copied', () => {
  const item = { id: 'www:/drift/a b', site: 'www', kind: 'drift', since: NOW } as const;
  const said = (code: ErrorCode, params: ErrorParams = {}) =>
    waitingLines({ ...item, error: { code, params } }, NOW, ' --data x')[2]?.match(
      /lockstep waiting [^,;)]+?(?=[,;)]|\.$)/gu,
    );
  const [publish, discard] = ['publish', 'discard'].map((how) => `lockstep waiting ${how} 'www:/drift/a b' --data x`);
  // Whatever a peer says, it is about this one.
  expect(said('guard.held', { count: 12, of: 20, waiting: '$(reboot)' })).toEqual([publish]);
  expect(said('site.root-taken')).toEqual([publish]);
  for (const code of ['drift.changed', 'drift.missing', 'drift.many'] as const)
    expect(said(code)).toEqual([publish, discard]);
});

test('what waits for a person says how one decides, for this install', () => {
  const item = { id: 'www@osaka:a b', site: 'www', peer: 'osaka', kind: 'failing', path: 'a b', since: NOW } as const;
  const never = { code: 'path.unsupported-name', params: {} } as const;
  expect(decisionLines({ ...item, error: never }, 'master', '/srv/my data')).toEqual([
    "  Try now: lockstep waiting publish 'www@osaka:a b' --data '/srv/my data'",
    "  Give it up: lockstep waiting discard 'www@osaka:a b' --data '/srv/my data'",
  ]);
  // It goes on by itself.
  expect(decisionLines({ ...item, error: never, nextAttemptAt: NOW + 1 }, 'master', undefined)).toEqual([]);
  const site = { id: 'www:site', site: 'www', kind: 'failing', since: NOW } as const;
  const missing = { code: 'site.root-missing', params: {} } as const;
  // At a mirror all of it can be fetched into a new folder; at a master nothing can be put in its place.
  expect(decisionLines({ ...site, error: missing }, 'master', undefined)).toEqual([]);
  expect(decisionLines({ ...site, error: missing }, 'mirror', undefined)).toEqual([
    '  Fetch everything into a new folder: lockstep waiting publish www:site',
  ]);
  // One that runs looks for its folder again and again, and that may be in vain.
  const lost = { ...site, id: 'www:source', error: missing, nextAttemptAt: NOW + 1 };
  expect(decisionLines(lost, 'mirror', undefined)).toEqual([
    '  Fetch everything into a new folder: lockstep waiting publish www:source',
  ]);
  const other = { code: 'site.root-other', params: {} } as const;
  for (const role of ['master', 'mirror'] as const)
    expect(decisionLines({ ...site, error: other }, role, undefined)).toEqual([
      '  Use the folder that is there: lockstep waiting publish www:site',
    ]);
  // At the mirror it is decided.
  expect(decisionLines({ ...site, peer: 'osaka', error: other }, 'master', undefined)).toEqual([]);
  const held = { id: 'www:deletes', site: 'www', kind: 'delete-guard', since: NOW } as const;
  const guard = { code: 'guard.held', params: { count: 12, of: 20 } } as const;
  expect(decisionLines({ ...held, error: guard }, 'master', undefined)).toEqual([
    '  Let it happen: lockstep waiting publish www:deletes --count 12',
  ]);
  // What a watch holds it looks at again and again, and that ends nothing.
  const watched = { ...held, error: guard, nextAttemptAt: NOW + 2000 };
  expect(decisionLines(watched, 'master', undefined)).toEqual([
    '  Let it happen: lockstep waiting publish www:deletes --count 12',
  ]);
  expect(waitingLines(watched, NOW + 1000)[1]).toBe('  held for 1.0 s, next try in 1.0 s, until someone decides');
});
