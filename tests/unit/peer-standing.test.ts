import { expect, test } from 'vitest';
import { peerState as wordOf } from '../../electron/entry/cli/text.ts';
import { summarise } from '../../electron/entry/desktop-summary.ts';
import { headlineOf } from '../../renderer/features/mirrors/headline.ts';
import { en } from '../../renderer/i18n/en.ts';
import { formatFor } from '../../renderer/i18n/format.ts';
import { peerState } from '../../renderer/stores/peer-state.ts';
import type { PeerStatus } from '../../shared/contract/status.ts';
import { publishing } from '../../shared/domain/waiting-decisions.ts';
import { canFetch, peerStanding } from '../../shared/domain/peer-standing.ts';
import { masterStatus, peer } from '../support/statuses.ts';

const NOW = Date.now();
const LATER = NOW + 3_600_000;
const paused = { by: 'here', since: 1 } as const;
const error = { code: 'link.replaced', params: { from: '192.0.2.1' } } as const;
const behind = { inStep: false, waiting: 3 };
const stopped = { code: 'site.root-missing', params: { root: '/srv/www', at: 'tokyo' } } as const;
const hours = [{ from: 22, to: 6 }];

function never(extra: Partial<PeerStatus> = {}): PeerStatus {
  const { lastSeenAt: _, ...rest } = peer('tokyo', { connected: false, ...extra });
  return rest;
}

/** What it is, the mark in the app, the word of the command line, and the state of the tray. */
test.each([
  ['paused', peer('tokyo', { ...behind, paused }), 'paused', 'paused', 'paused'],
  ['paused', peer('tokyo', { ...behind, paused, connected: false, held: 1 }), 'paused', 'paused', 'paused'],
  ['unseen', never(), 'unknown', 'away', 'away'],
  ['unseen', never({ ...behind, error }), 'unknown', 'away', 'away'],
  ['away', peer('tokyo', { connected: false }), 'away', 'away', 'away'],
  ['away', peer('tokyo', { ...behind, connected: false, error }), 'away', 'away', 'away'],
  ['away', peer('tokyo', { ...behind, connected: false, held: 1, failing: 1 }), 'away', 'away', 'away'],
  ['away', peer('tokyo', { connected: false, drifted: 1 }), 'away', 'away', 'away'],
  ['contested', peer('tokyo', { error }), 'failing', 'contested', 'working'],
  ['contested', peer('tokyo', { ...behind, error, held: 1 }), 'failing', 'contested', 'working'],
  ['held', peer('tokyo', { ...behind, held: 1, failing: 1 }), 'held', 'held', 'working'],
  ['held', peer('tokyo', { ...behind, held: 1, conditions: { hours, opensAt: LATER } }), 'held', 'held', 'working'],
  ['failing', peer('tokyo', { ...behind, failing: 1 }), 'failing', 'behind', 'working'],
  ['failing', peer('tokyo', { ...behind, failing: 1, drifted: 1 }), 'failing', 'behind', 'working'],
  ['failing', peer('tokyo', { ...behind, stopped }), 'failing', 'behind', 'working'],
  ['held', peer('tokyo', { ...behind, stopped, held: 1 }), 'held', 'held', 'working'],
  ['away', peer('tokyo', { ...behind, stopped, connected: false }), 'away', 'away', 'away'],
  ['changed', peer('tokyo', { drifted: 1 }), 'held', 'changed', 'in-step'],
  ['in-step', peer('tokyo'), 'in-step', 'in step', 'in-step'],
  ['in-step', peer('tokyo', { conditions: { hours, opensAt: LATER } }), 'in-step', 'in step', 'in-step'],
  ['waiting', peer('tokyo', { ...behind, conditions: { hours, opensAt: LATER } }), 'waiting', 'waiting', 'working'],
  ['behind', peer('tokyo', { ...behind, conditions: { hours, opensAt: NOW } }), 'working', 'behind', 'working'],
  ['behind', peer('tokyo', { ...behind, drifted: 1 }), 'working', 'behind', 'working'],
  ['behind', peer('tokyo', behind), 'working', 'behind', 'working'],
] as const)('%s', (standing, mirror, mark, word, state) => {
  expect({
    standing: peerStanding(mirror, NOW),
    mark: peerState(mirror),
    word: wordOf(mirror, NOW).word,
    state: summarise(masterStatus([mirror]), []).state,
  }).toEqual({ standing, mark, word, state });
});

test('of a mirror whose folder is missing that is told, with no way to try from here what only helps there', () => {
  const lost = peer('tokyo', { ...behind, waiting: 1, stopped });
  const status = masterStatus([lost]);
  const [site] = status.sites;
  if (!site) throw new Error('no site');
  const told = { peer: lost, site, role: 'master', t: en, format: formatFor('en'), now: NOW } as const;
  expect(headlineOf(told)).toBe('tokyo cannot publish: its folder is missing, or another one is in its place');
  expect([lost, peer('tokyo', behind), peer('tokyo', { ...behind, paused })].map(canFetch)).toEqual([
    false,
    true,
    false,
  ]);
  // The reason is told behind it, once.
  expect(wordOf(lost, NOW).detail).toBe('1 change behind');
  const item = { id: 'www@tokyo:source', kind: 'failing', site: 'www', error: stopped, since: 1 } as const;
  expect(publishing({ ...item, peer: 'tokyo' }, 'master')).toBeUndefined();
  expect(publishing(item, 'mirror')).toBe('refill');
});

test('a link that two take from each other is told as that, not as changes that fail', () => {
  const contested = peer('tokyo', { ...behind, error });
  const status = masterStatus([contested]);
  const [site] = status.sites;
  if (!site) throw new Error('no site');
  const told = { peer: contested, site, role: 'master', t: en, format: formatFor('en'), now: NOW } as const;
  expect(headlineOf(told)).toBe('Something is wrong with the link to tokyo');
});
