import { constants, DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { Journal } from '../../electron/engine/store/journal.ts';
import { MirrorState } from '../../electron/engine/store/mirror-state.ts';
import { migrations, Store } from '../../electron/engine/store/open.ts';

const FOLDER = 'folder' as SitePath;
const HASH = 'a'.repeat(64);

function master(store: Store): Record<string, (at: number) => unknown> {
  const journal = new Journal(store, 'www');
  return {
    changesAfter: (at) => journal.changesAfter(0, at),
    latestAfter: (at) => journal.latestAfter(0, '', at, 0, true),
    page: (at) => journal.index.page('', at),
    bareBetween: (at) => journal.index.bareBetween('', null, at),
    taggedPage: (at) => journal.taggedPage('', at),
    filePaths: (at) => journal.index.filePaths('', at),
  };
}

function mirror(store: Store): Record<string, (at: number) => unknown> {
  const state = new MirrorState(store, 'www');
  return {
    entriesAfter: (at) => state.entriesAfter('', at),
    entriesBelow: (at) => state.entriesBelow(FOLDER, at),
    wantsAfter: (at) => state.wants.after('', at),
    wantedWithHash: (at) => state.wants.withHash(HASH, at),
    'queuedFiles, small': (at) => state.wants.queuedFiles('small', at),
    'queuedFiles, large': (at) => state.wants.queuedFiles('large', at),
    queuedDirs: (at) => state.wants.queuedDirs(at),
    queuedDeletes: (at) => state.wants.queuedDeletes(at),
    'inState, failed': (at) => state.wants.inState('failed', at),
    'inState, ready': (at) => state.wants.inState('ready', at),
    'countInState, failed': () => state.wants.countInState('failed'),
    'countFilesInState, held': () => state.wants.countFilesInState('held'),
    failing: (at) => state.wants.failing(at),
    requeueDue: (at) => state.wants.requeueDue(at),
    linkersOf: (at) => state.links.linkersOf(FOLDER, [], at),
  };
}

it.each([
  ['master', master],
  ['mirror', mirror],
])('SQLite prepares what a %s reads once, whatever the limits are', (_, readersOf) => {
  const db = new DatabaseSync(':memory:');
  for (const sql of migrations) db.exec(sql);
  // It is asked while a statement is prepared, and only then.
  let asked = 0;
  db.setAuthorizer(() => {
    asked += 1;
    return constants.SQLITE_OK;
  });
  const again = Object.entries(readersOf(new Store(db))).flatMap(([name, read]) => {
    read(1);
    const before = asked;
    expect(before).toBeGreaterThan(0);
    read(2);
    return asked === before ? [] : [name];
  });
  expect(again).toEqual([]);
});
