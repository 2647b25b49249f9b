import { expect, test } from 'vitest';
import type { DeepTally } from '../../shared/contract/deep.ts';
import type { PublishJob } from '../../shared/contract/publishing.ts';
import type { PeerStatus, Status } from '../../shared/contract/status.ts';
import { statusLines } from '../../electron/entry/cli/commands/status.ts';
import { deepLines } from '../../electron/entry/cli/deep-text.ts';
import { dropLines } from '../../electron/entry/cli/drop-text.ts';
import { laggards, notInStep } from '../../electron/entry/cli/commands/wait.ts';
import { answer } from '../../electron/entry/cli/command.ts';
import { sameInstall } from '../../electron/entry/cli/values.ts';
import { deliveryText } from '../../electron/entry/cli/commands/history.ts';
import { NOT_SHOWN } from '../../shared/domain/not-shown.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { bytes, duration, peerState, plain, table } from '../../electron/entry/cli/text.ts';
import { showPath } from '../../electron/engine/tree/show-path.ts';
import { sentenceParts } from '../../shared/errors/sentences.en.ts';

const NOW = 1_000_000_000;

const peer = (over: Partial<PeerStatus>): PeerStatus => ({
  name: 'osaka',
  id: 'a'.repeat(64),
  connected: true,
  receivedSeq: 7,
  publishedSeq: 7,
  inStep: true,
  waiting: 0,
  failing: 0,
  held: 0,
  ...over,
});

const status = (peers: PeerStatus[]): Status => ({
  node: { id: 'b'.repeat(64), name: 'tokyo', role: 'master', pid: 12, version: '0.1.0' },
  running: true,
  listeners: {
    ftp: { host: '0.0.0.0', port: 2121, tls: 'required' },
    link: { host: '0.0.0.0', port: 2122 },
    console: { host: '127.0.0.1', port: 4000, url: 'https://127.0.0.1:4000/' },
  },
  sites: [{ name: 'www', root: '/srv/www', journal: 'c'.repeat(32), headSeq: 18_402, files: 1204, peers }],
  waiting: [],
});

test('a status is read at a glance', () => {
  const peers = [
    peer({}),
    peer({ name: '京都', inStep: false, receivedSeq: 18_402, waiting: 3, failing: 1 }),
    peer({
      name: 'berlin',
      connected: false,
      inStep: false,
      // It had not been told of the last two when it went.
      receivedSeq: 18_400,
      publishedSeq: 18_399,
      waiting: 1,
      lastSeenAt: NOW - 40_000,
      error: { code: 'link.unreachable', params: { peer: 'berlin', address: '192.0.2.1:2122' } },
    }),
  ];
  expect(statusLines(status(peers), NOW)).toEqual([
    'tokyo · master · running (process 12) · Lockstep 0.1.0',
    'FTP      0.0.0.0:2121, TLS only',
    'Link     0.0.0.0:2122',
    'Console  https://127.0.0.1:4000/',
    '',
    'www · 1,204 files · change 18,402 · /srv/www',
    '  ● osaka   in step',
    '  ▲ 京都    behind   3 changes behind · 1 failing',
    '  ▲ berlin  away     last answered 40 s ago · 3 changes behind · berlin cannot be reached at 192.0.2.1:2122.',
  ]);
});

test('a delete of what a mirror does not have has nothing to do there, and does not call it here', () => {
  const row = { site: 'www', path: 'a' as SitePath, at: NOW, deliveries: [] };
  const there = { peer: 'osaka', state: 'skipped', verdict: 'already-here' } as const;
  expect(deliveryText({ ...row, op: 'delete' }, there)).toBe('osaka already gone');
  expect(deliveryText({ ...row, op: 'put' }, there)).toBe('osaka already here');
});

test('a command that a status names is about the install that was asked', () => {
  const site = { name: 'www', root: '/srv/www', journal: 'c'.repeat(32), headSeq: 1, files: 1, peers: [] };
  const current: Status = {
    ...status([]),
    sites: [site],
    waiting: [
      {
        id: 'www:unfit:a\\nb',
        site: 'www',
        kind: 'failing',
        path: 'a\\nb',
        files: 2,
        error: { code: 'unfit.characters', params: { path: 'a\\nb', rescan: 'www' } },
        since: NOW,
      },
    ],
    lockOuts: [{ kind: 'account', who: 'alice', until: NOW + 90_000 }],
  };
  const lines = statusLines(current, NOW, ' --data /srv/data');
  expect(lines.filter((line) => line.includes('lockstep '))).toEqual([
    expect.stringMatching(/^ {2}▲ “a\\nb” is not published: .* lockstep site rescan www --data \/srv\/data\.$/),
    '  No mirrors yet: lockstep invite --data /srv/data',
    '▲ alice is let in slowly for 90 s more, after too many wrong passwords: lockstep account unlock alice --data /srv/data',
    '1 thing waiting: lockstep waiting list --data /srv/data',
  ]);
  expect(lines).toContain('    1 more name is not published either.');
  // Where there are several sites, also about the site.
  const two = { ...current, sites: [site, { ...site, name: 'blog' }] };
  expect(statusLines(two, NOW).filter((line) => line.includes('invite'))).toEqual([
    '  No mirrors yet: lockstep invite --site www',
    '  No mirrors yet: lockstep invite --site blog',
  ]);
});

test('of one that is paused what it has missed is counted', () => {
  const paused = { by: 'here', since: NOW } as const;
  const { detail } = peerState(peer({ inStep: false, paused, publishedSeq: 5 }), NOW, 7);
  expect(detail).toMatch(/^here since .* · 2 changes behind$/);
});

test('the same state has the same word', () => {
  const words = [
    peer({}),
    peer({ inStep: false, waiting: 1 }),
    peer({ inStep: false, waiting: 2, held: 1 }),
    peer({ connected: false, inStep: false }),
    peer({ error: { code: 'link.replaced', params: { from: '192.0.2.1' } } }),
  ].map((each) => peerState(each, NOW).word);
  expect(words).toEqual(['in step', 'behind', 'held', 'away', 'contested']);
  expect(peerState(peer({ drifted: 2 }), NOW)).toEqual({
    sign: '◌',
    word: 'changed',
    detail: 'in step, but for 2 files changed by others',
  });
  const [one, two] = [1, 2].map((held) => peerState(peer({ inStep: false, waiting: 2, held }), NOW).detail);
  expect([one, two]).toEqual(['1 needs attention · 2 changes behind', '2 need attention · 2 changes behind']);
});

test('waits for everybody, or for one change, in one site or all', () => {
  const lagging = peer({ name: 'kyoto', inStep: false, publishedSeq: 5 });
  const current = status([peer({}), lagging]);
  const [only] = current.sites;
  if (!only) throw new Error('no site');
  const two = { ...current, sites: [only, { ...only, name: 'img', peers: [peer({})] }] };
  expect(laggards(current, {})).toEqual([{ site: 'www', peer: lagging, why: '' }]);
  expect(laggards(current, { seq: 5 })).toEqual([]);
  expect(laggards(current, { seq: 6 })).toEqual([{ site: 'www', peer: lagging, why: '' }]);
  expect(laggards(two, { site: 'img' })).toEqual([]);
  expect(() => laggards(two, { seq: 5 })).toThrow('usage.invalid');
  expect(() => laggards(two, { site: 'nowhere' })).toThrow('site.unknown');
});

test('who waits for a change that nobody has made is told how far the site is', () => {
  const current = status([peer({}), peer({ name: 'kyoto', inStep: false, publishedSeq: 6, waiting: 1 })]);
  const { code, params } = notInStep(laggards(current, { seq: 99 }), NOW);
  const told = 'osaka (www) is at change 7, the latest that there is; kyoto (www) is behind, 1 change behind';
  expect([code, params]).toEqual(['not-in-step', { reason: told }]);
  const why = [{ site: 'www', peer: peer({ inStep: false, waiting: 1 }), why: 'a: The group “g” waits.' }];
  expect(notInStep(why, NOW).params).toEqual({
    reason: 'osaka (www) is behind, 1 change behind: a: The group “g” waits',
  });
});

test('numbers are short and say their unit', () => {
  expect([0, 45, 420, 12_345, 200_000, 7_200_000, 400_000_000].map(duration)).toEqual([
    '0 ms',
    '45 ms',
    '0.4 s',
    '12 s',
    '3 min',
    '2 h',
    '5 days',
  ]);
  expect([0, 999, 4096, 150_000, 20 * 2 ** 20, 3 * 2 ** 40].map(bytes)).toEqual([
    '0 B',
    '999 B',
    '4.1 kB',
    '150 kB',
    '21 MB',
    '3.3 TB',
  ]);
});

test('one very long name does not push all other rows out of the window', () => {
  const long = 'x'.repeat(255);
  expect(
    table([
      ['index.html', '5 B'],
      [long, '9 B'],
      ['a', '7 B'],
    ]),
  ).toEqual([`index.html${' '.repeat(54)}  5 B`, `${long}  9 B`, `a${' '.repeat(63)}  7 B`]);
});

test('a table lines up, whatever the script', () => {
  expect(
    table(
      [
        ['写真', '1'],
        ['e\u0301te', '22'],
      ],
      ['left', 'right'],
    ),
  ).toEqual(['写真   1', 'e\u0301te   22']);
});

test('a file name cannot steer the terminal', () => {
  expect(plain('a\u001b]0;x\u0007b\nc\u202e')).toBe('a\ufffd]0;x\ufffdb\ufffdc\ufffd');
  expect(plain('\u009b31m\u061cname\u2067')).toBe('\ufffd31m\ufffdname\ufffd');
});

test('nor can what another install says, as JSON, and a program reads the same', () => {
  const said = { 'a\u009b\u202e': 'a\u001b]0;x\u0007\u009b31m\nb\u202e "\\" 写真' };
  const lines: string[] = [];
  answer({ out: (line) => void lines.push(line) }, { json: true }, said, () => 'for people');
  expect(lines.join()).not.toMatch(NOT_SHOWN);
  expect(JSON.parse(lines.join())).toEqual(said);
});

test('what is to be done next is said for the same install', () => {
  expect(sameInstall(undefined)).toBe('');
  expect(sameInstall('/srv/lockstep-1')).toBe(' --data /srv/lockstep-1');
  expect(sameInstall("my 'own' data")).toBe(` --data 'my '\\''own'\\'' data'`);
});

test('a file that no site can hold under its name is told from one that nobody knows', () => {
  const paths = ['new.txt', 'two\nlines.txt', 'caf\\xe9', 'e\u0301'];
  const differences = paths.map((path) => ({ kind: 'extra' as const, path }));
  const tally = { files: 1, of: 1, bytes: 1, moving: 0, mended: 0, counts: { extra: 4 }, differences };
  const run = {
    site: 'www',
    state: 'done',
    phase: 'mend',
    mend: true,
    startedAt: NOW,
    endedAt: NOW,
    peers: [],
  } as const;
  expect(deepLines({ ...tally, ...run, peers: [] }, 'master').slice(1)).toEqual([
    '    new.txt: not part of the site',
    '    two\ufffdlines.txt: not part of the site, which cannot hold this name: rename it',
    '    caf\\xe9: not part of the site, which cannot hold this name: rename it',
    '    e\u0301: not part of the site, which cannot hold this name: rename it',
  ]);
});

test('what mending does not help is said with what does, and what differs at a mirror alone can be mended from here', () => {
  const none: DeepTally = { files: 1, of: 1, bytes: 1, moving: 0, mended: 0, counts: {}, differences: [] };
  const run = { site: 'www', state: 'done', phase: 'peers', startedAt: NOW, endedAt: NOW } as const;
  const damage: DeepTally = { ...none, counts: { damaged: 1 }, differences: [{ kind: 'damaged', path: 'a' }] };
  const lines = (tally: DeepTally, mend: boolean, there?: DeepTally): string[] => {
    const peers = there ? [{ name: 'tokyo', state: 'done' as const, tally: there }] : [];
    return deepLines({ ...tally, ...run, mend, peers }, 'master', ' --data d').slice(1);
  };
  const damaged = [
    '    a: damaged (same size and time, different content)',
    '    Damaged files stay as they are, because a mirror may have the last good copy: upload them again.',
    '    If the new content is meant: touch the file, then lockstep site rescan www --data d',
  ];
  const mend = '    To mend what can be mended: lockstep doctor --deep --mend --data d';
  expect([lines(damage, false), lines(damage, true)]).toEqual([damaged, damaged]);
  const there = ['  ▲ tokyo: 1 difference', damaged[0]];
  expect([lines(none, false, damage), lines(none, true, damage)]).toEqual([[...there, mend], there]);
});

test('of what stands beside a site at a mirror a few are named, and all that is wrong', () => {
  const own = Array.from({ length: 90 }, (_, number) => ({ kind: 'extra' as const, path: `own-${number}` }));
  const differences = [...own, { kind: 'changed' as const, path: 'a' }];
  const tally = { files: 1, of: 1, bytes: 1, moving: 0, mended: 0, counts: { extra: 200, changed: 1 }, differences };
  const run = { site: 'www', state: 'done', phase: 'peers', mend: true, startedAt: NOW, endedAt: NOW } as const;
  expect(deepLines({ ...tally, ...run, peers: [] }, 'mirror').slice(1)).toEqual([
    ...['own-0', 'own-1', 'own-2'].map((path) => `    ${path}: not part of the site`),
    '    a: different content',
    '    and 197 more',
    '    200 files not from the master: left as they are',
  ]);
});

test('what was left out of a drop in which nothing else differs is said', () => {
  const none = { done: 0, total: 0 };
  const job: PublishJob = {
    id: 'a',
    to: { kind: 'site', site: 'www' },
    name: 'drop',
    sources: ['/d'],
    startedAt: 0,
    files: none,
    bytes: none,
    state: { is: 'done', changes: 0 },
  };
  const plan = { new: 0, changed: 0, unchanged: 2, deleted: 0, refused: 1 };
  expect(dropLines(job)).toEqual(['Nothing differs: www already has all of it.']);
  expect(dropLines({ ...job, plan })).toEqual([
    'Nothing differs: www already has everything else.',
    '1 entry was left out: --dry-run says what and why.',
  ]);
});

test('what is not shown of a name is the same in a list, in a sentence and where a path is spelt out', () => {
  const characters = Array.from({ length: 0xd800 }, (_, code) => String.fromCharCode(code));
  characters.push('\ufeff', '\uff41');
  const isOfPath = (character: string): boolean => ['\\', '/', '\u200c', '\u200d'].includes(character);
  const path = (character: string): string =>
    sentenceParts({ code: 'file.not-found', params: { path: `a${character}b` } }).what;
  const kept = (told: (character: string) => string): string[] =>
    characters.filter((character) => !isOfPath(character) && told(character).includes(`a${character}b`));
  const list = kept((character) => plain(`a${character}b`));
  expect(kept(path)).toEqual(list);
  expect(kept((character) => showPath(Buffer.from(`a${character}b`)))).toEqual(list);
  expect(['\u200b', '\u2060', '\ufeff', '\u202e', '\u0085'].filter((each) => list.includes(each))).toEqual([]);
  expect(plain('👨\u200d👩\u200d👧')).toBe('👨\u200d👩\u200d👧');
});
