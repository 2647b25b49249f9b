import { expect, test } from 'vitest';
import type { CheckOptions } from '../../electron/engine/deep/checked-site.ts';
import { Tally } from '../../electron/engine/deep/tally.ts';
import type { LinkSession } from '../../electron/engine/link/link-session.ts';
import { compareWithMaster } from '../../electron/engine/mirror/compare-with-master.ts';
import { IndexQuestions } from '../../electron/engine/mirror/index-questions.ts';
import type { MirrorState } from '../../electron/engine/store/mirror-state.ts';
import { digestOf } from '../../electron/engine/core/tree-digest.ts';
import type { LinkMessage } from '../../shared/contract/link.ts';
import { countPage, SNAPSHOT_ENTRIES_MAX, type Snapshot } from '../../electron/engine/mirror/snapshot.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';

const JOURNAL = '0'.repeat(32);
const PATIENCE = 1000;
const NOTHING = digestOf([], () => false);

test.each([
  ['whose pages go round', NOTHING],
  ['whose entries go round', '0'.repeat(64)],
])('the index of a master %s is not read for ever', async (_what, digest) => {
  let asked = 0;
  const session = {
    peer: { name: 'origin' },
    closed: false,
    send(question: LinkMessage) {
      asked += 1;
      if (question.type !== 'digestWanted' && question.type !== 'entriesWanted') return;
      const { site, journal, after } = question;
      const through = (after === 'b' ? 'a' : 'b') as SitePath;
      const page = { site, journal, seq: 1, after, through, last: asked > PATIENCE };
      setImmediate(() => {
        if (question.type === 'digestWanted') questions.hear({ type: 'digestPage', ...page, digest });
        else questions.hear({ type: 'entriesPage', ...page, entries: [] });
      });
    },
  };
  const questions = new IndexQuestions(session as unknown as LinkSession, 'www', '0'.repeat(32));
  const state = { desiredBetween: () => [], hasBelow: () => false, cursor: 1 } as unknown as MirrorState;
  const { signal } = new AbortController();
  const found: CheckOptions['found'] = () => Promise.resolve();
  const rest = () => Promise.resolve();
  const compared = compareWithMaster({
    tally: new Tally(),
    signal,
    found,
    rest,
    state,
    questions,
    excludes: () => false,
  });
  await expect(compared).rejects.toMatchObject({ code: 'link.malformed' });
  expect(asked).toBeLessThan(10);
});

test('a snapshot has so many files and folders and no more, also where its pages are empty', () => {
  const snapshot: Snapshot = {
    ...{ journal: JOURNAL, seq: 1, term: null, next: '', gone: [], release: undefined, heard: 0 },
    told: SNAPSHOT_ENTRIES_MAX - 3,
  };
  const page = { type: 'snapshotPage', site: 'www', journal: JOURNAL, last: false } as const;
  const entries = ['a', 'b'].map((path) => ({ kind: 'dir' as const, path: path as SitePath, seq: 1 }));
  countPage(snapshot, { ...page, after: '', through: 'b' as SitePath, entries });
  countPage(snapshot, { ...page, after: 'b' as SitePath, through: 'c' as SitePath, entries: [] });
  expect(() =>
    countPage(snapshot, { ...page, after: 'c' as SitePath, through: 'd' as SitePath, entries: [], last: true }),
  ).toThrow(expect.objectContaining({ code: 'link.limit' }));
});
