import { describe, expect, it } from 'vitest';
import { fromEngine } from '../../shared/contract/desktop.ts';
import { summarise, summariseHost } from '../../electron/entry/desktop-summary.ts';
import { speakerOf, stateSentence } from '../../electron/main/speaker.ts';
import { masterStatus, mirrorStatus, peer } from '../support/statuses.ts';

const sentences = (summary: ReturnType<typeof summarise>) =>
  (['en', 'ja'] as const).map((locale) => stateSentence(summary, speakerOf(locale)));

describe('the whole status in one word and one sentence', () => {
  it.each([
    ['no mirror', masterStatus([]), 'in-step', 'There are no mirrors yet.'],
    ['all in step', masterStatus([peer('osaka'), peer('berlin')]), 'in-step', 'Both mirrors are in step.'],
    [
      'one behind',
      masterStatus([peer('osaka'), peer('berlin', { inStep: false, waiting: 3 })]),
      'working',
      '1 of 2 mirrors is in step.',
    ],
    [
      'one away',
      masterStatus([peer('osaka', { connected: false }), peer('berlin')]),
      'away',
      'osaka is not connected.',
    ],
    [
      'everything paused',
      masterStatus([peer('osaka', { connected: false })], { pausedAt: 1 }),
      'paused',
      'All transfers are paused.',
    ],
    [
      'one paused by itself, which says nothing of the others',
      masterStatus([peer('osaka', { inStep: false, paused: { by: 'here', since: 1 } }), peer('berlin')]),
      'paused',
      'osaka is paused.',
    ],
    ['a mirror', mirrorStatus(peer('origin')), 'in-step', 'In step with origin.'],
    ['a mirror alone', mirrorStatus(peer('origin', { connected: false })), 'away', 'origin is not connected.'],
    [
      'something held',
      masterStatus([peer('osaka')], {
        waiting: [
          { id: 'www:held', site: 'www', kind: 'delete-guard', error: { code: 'guard.held', params: {} }, since: 1 },
        ],
      }),
      'needs-person',
      'One thing needs attention.',
    ],
    [
      'a certificate that is not in force',
      masterStatus([peer('osaka')], { certificateFault: { code: 'certificate.expired', params: {} } }),
      'needs-person',
      'One thing needs attention.',
    ],
    [
      'a link that does not come back',
      masterStatus([peer('osaka', { connected: false, error: { code: 'link.certificate', params: {} } })]),
      'needs-person',
      'One thing needs attention.',
    ],
  ] as const)('%s', (_name, status, state, sentence) => {
    const summary = summarise(status, []);
    expect(summary.state).toBe(state);
    const [english, japanese] = sentences(summary);
    expect(english).toBe(sentence);
    expect(japanese).toMatch(/。$/);
    expect(fromEngine.safeParse({ type: 'summary', summary }).success).toBe(true);
  });

  it('leads to what waits, and to the mirror', () => {
    const { needs, needCount } = summarise(
      masterStatus([peer('osaka', { error: { code: 'link.certificate', params: {} } })], {
        waiting: [
          {
            id: 'x',
            site: 'www',
            peer: 'osaka',
            kind: 'failing',
            error: { code: 'file.disk-full', params: {} },
            since: 1,
          },
          { id: 'y', site: 'www', kind: 'group', error: { code: 'wait.group', params: {} }, since: 1 },
        ],
      }),
      [],
    );
    expect({ places: needs.map(({ place }) => place), needCount }).toEqual({
      places: [
        ['together', 'waiting', 'x'],
        ['mirrors', 'osaka'],
      ],
      needCount: 2,
    });
  });

  it('knows the releases that are everywhere', () => {
    const release = { site: 'www', at: 1, by: 'a', changes: 1 };
    const { arrived } = summarise(masterStatus([peer('osaka')]), [
      { ...release, id: 3, name: 'spring', peers: [{ peer: 'osaka', publishedAt: 9 }], convergedMillis: 8 },
      { ...release, id: 2, name: 'under way', peers: [{ peer: 'osaka' }] },
      { ...release, id: 1, name: 'here only', peers: [], convergedMillis: 0 },
    ]);
    expect(arrived).toEqual([{ site: 'www', id: 3, name: 'spring', mirrors: 1, millis: 8 }]);
  });

  it('is told before there is an engine', () => {
    expect(summariseHost({ state: 'running' })).toBeUndefined();
    const failed = summariseHost({ state: 'failed', error: { code: 'port.busy', params: { port: 2121 } } });
    expect(failed).toMatchObject({ state: 'failed', role: null });
    if (failed) expect(stateSentence(failed, speakerOf('en'))).toContain('2121');
  });
});
