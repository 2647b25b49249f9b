import { describe, expect, it } from 'vitest';
import { changesBehind } from '../../shared/domain/explain-peer.ts';
import { peerState, siteState } from '../../renderer/stores/peer-state.ts';
import { reach } from '../../renderer/stores/reach.ts';
import { en } from '../../renderer/i18n/en.ts';
import { formatFor } from '../../renderer/i18n/format.ts';
import { ja } from '../../renderer/i18n/ja.ts';
import { preferredLocale } from '../../shared/domain/appearance.ts';
import { HEAD, masterStatus, peer, published, put } from '../support/statuses.ts';

const NOW = 1_800_000_000_000;

describe('the state of a mirror', () => {
  it.each([
    ['in-step', peer('a')],
    ['working', peer('a', { inStep: false, waiting: 2 })],
    ['failing', peer('a', { inStep: false, waiting: 2, failing: 1 })],
    ['held', peer('a', { inStep: false, held: 1, failing: 1 })],
    ['held', peer('a', { drifted: 1 })],
    ['away', peer('a', { connected: false, drifted: 1 })],
    ['away', peer('a', { connected: false })],
    ['away', peer('a', { connected: false, held: 1 })],
  ] as const)('%s', (state, mirror) => {
    expect(peerState(mirror)).toBe(state);
  });

  it('is unknown before it was ever seen', () => {
    const { lastSeenAt: _, ...never } = peer('a', { connected: false });
    expect(peerState(never)).toBe('unknown');
  });

  it('of a site is that of its worst mirror', () => {
    const [site] = masterStatus([
      peer('a'),
      peer('b', { connected: false }),
      peer('c', { inStep: false, failing: 1 }),
    ]).sites;
    expect(site && siteState(site)).toBe('failing');
    const error = { code: 'site.root-missing', params: {} } as const;
    expect(site && siteState({ ...site, error, peers: [peer('a')] })).toBe('failing');
  });

  it('is never "behind by nothing" while it is not in step', () => {
    expect(changesBehind(peer('a', { inStep: false }), HEAD)).toBe(1);
    expect(changesBehind(peer('a', { publishedSeq: HEAD - 4 }), HEAD)).toBe(0);
    // Of one that is paused nobody knows that there is anything: what it is not told does not count as missing.
    const paused = { by: 'here', since: NOW } as const;
    expect(changesBehind(peer('a', { inStep: false, paused }), HEAD)).toBe(0);
  });
});

describe('how far a change has come', () => {
  it('counts the mirrors that want it', () => {
    const row = put(1, 'a', NOW, [
      published('tokyo', NOW, 80),
      published('osaka', NOW, 240),
      { peer: 'berlin', state: 'skipped', verdict: 'not-wanted' },
    ]);
    expect(reach(row)).toEqual({ state: 'in-step', reached: 2, wanted: 2, delay: 240 });
  });

  it('does not count where somebody gave it up', () => {
    const error = { code: 'change.given-up' as const, params: { by: 'osaka', at: NOW } };
    const row = put(1, 'a', NOW, [published('tokyo', NOW, 80), { peer: 'osaka', state: 'skipped', error }]);
    expect(reach(row)).toEqual({ state: 'given-up', reached: 1, wanted: 2, delay: undefined });
  });

  it('has no delay while one is missing', () => {
    const row = put(1, 'a', NOW, [published('tokyo', NOW, 80), { peer: 'osaka', state: 'failed' }]);
    expect(reach(row)).toEqual({ state: 'failing', reached: 1, wanted: 2, delay: undefined });
  });
});

it('a change is never there before it was made, whatever the clocks say', () => {
  expect(reach(put(1, 'a', NOW, [published('tokyo', NOW, -80)]))).toMatchObject({ delay: 0 });
});

describe('the texts', () => {
  it('are there in both languages, and none is empty but what stands between words', () => {
    const leaves = (tree: object, path = ''): [string, unknown][] =>
      Object.entries(tree).flatMap(([name, text]: [string, unknown]): [string, unknown][] =>
        typeof text === 'object' && text !== null ? leaves(text, `${path}${name}.`) : [[path + name, text]],
      );
    const names = (tree: object): string[] => leaves(tree).map(([name]) => name);
    expect(names(ja).sort()).toEqual(names(en).sort());
    const empty = [...leaves(en), ...leaves(ja)].filter(([, text]) => text === '').map(([name]) => name);
    expect(empty).toEqual(['together.groups.gap']);
  });

  it('follow the languages of the person', () => {
    expect(preferredLocale(['de-DE', 'ja-JP', 'en'])).toBe('ja');
    expect(preferredLocale(['fr'])).toBe('en');
  });

  it('write times as people do', () => {
    const format = formatFor('en');
    expect([0, 84, 1234, 65_000, 5_400_000].map((millis) => format.duration(millis))).toEqual([
      '0\u00a0ms',
      '84\u00a0ms',
      '1.2\u00a0s',
      '1.1 min',
      '1.5\u00a0h',
    ]);
    expect([format.ago(NOW - 12_000, NOW), format.ago(NOW + 500, NOW)]).toEqual(['12s ago', '0s ago']);
    expect([format.bytes(999), format.bytes(20_000_000)]).toEqual(['999\u00a0B', '20\u00a0MB']);
  });
});
