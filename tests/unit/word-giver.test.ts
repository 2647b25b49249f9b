import { expect, onTestFinished, test } from 'vitest';
import { WordGiver } from '../../electron/engine/master/release/word-giver.ts';
import { Journal } from '../../electron/engine/store/journal.ts';
import { ReleaseStore } from '../../electron/engine/store/releases.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { memoryStore } from '../simulation/decisions/memory-store.ts';

const BY = { account: 'tester' };

/** Releases for one mirror, which is away: whose limit is over at once asks for a person. */
function start() {
  const store = memoryStore();
  const journal = new Journal(store, 'www');
  const releases = new ReleaseStore(store, journal.site);
  const told: (readonly number[])[] = [];
  const word: WordGiver = new WordGiver({
    releases,
    clock: { now: () => 1 },
    isPaused: () => false,
    tell: () => undefined,
    onChange: () => void told.push([...word.asking.keys()]),
  });
  onTestFinished(() => word.stop());
  const release = (name: string): number => {
    const id = journal.head + 1;
    const own = { first: id, last: id, name, at: 1, account: 'tester', before: [], peers: ['tokyo'] };
    const put = { op: 'put', path: name as SitePath, size: 1, mtime: 1, sha256: 'a'.repeat(64) } as const;
    journal.append([put], BY, 1, () => releases.add({ ...own, together: { limit: 0 } }), { together: true });
    journal.confirm();
    return id;
  };
  return { word, told, release };
}

test('that another release asks for a person is told also where one of before does not any more', () => {
  const { word, told, release } = start();
  const spring = release('spring');
  word.look();
  word.look();
  expect(told).toEqual([[spring]]);
  word.give(spring);
  const summer = release('summer');
  word.look();
  expect(told).toEqual([[spring], [summer]]);
});
