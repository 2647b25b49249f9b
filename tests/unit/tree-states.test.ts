import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { treeHandlers } from '../../electron/engine/calls/site-tree.ts';
import { OUTSTANDING_MAX } from '../../electron/engine/site-tree/at-master.ts';
import type { TreeRow } from '../../shared/contract/site-tree.ts';
import { ROOT } from '../../shared/domain/site-path.ts';
import { addChange, addMirror, addSite, emptyHistory, type SeededHistory } from '../support/seeded-history.ts';
import { contextOf, type SeededSite } from '../support/seeded-site.ts';
import { addTree } from '../support/seeded-tree.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a file is there where the cursor or its own report says so, and nowhere else', async () => {
  const { history, site } = await seeded(['1.html', '2.html', '3.html', '4.html', '5.html', '6.html']);
  // tokyo has all up to 2, and said of 4 that it is there, of 5 that it fails; osaka has all; berlin is away since 3.
  addChange(history, site, {
    seq: 4,
    at: 1,
    path: '4.html',
    deliveries: [{ peer: 'a', state: 'published', after: 1 }],
  });
  addChange(history, site, { seq: 5, at: 1, path: '5.html', deliveries: [{ peer: 'a', state: 'failed' }] });
  addChange(history, site, { seq: 6, at: 1, path: '6.html', deliveries: [{ peer: 'b', state: 'failed' }] });
  const rows = await browse(history, {
    site,
    head: 6,
    mirrors: [
      { id: 'a', publishedSeq: 2 },
      { id: 'b', publishedSeq: 6 },
      { id: 'c', publishedSeq: 3, connected: false },
    ],
  });
  expect(rows.map(brief)).toEqual([
    '1.html published 3/3',
    '2.html published 3/3',
    '3.html on-its-way 2/3',
    '4.html away 2/3',
    '5.html failing 1/3',
    // An old report does not stand against the cursor.
    '6.html away 1/3',
  ]);
});

test('what waits, is held, was given up or is for nobody says so', async () => {
  const { history, site } = await seeded(['given.html', 'held.html', 'private.txt', 'waits.html']);
  const report = (seq: number, path: string, state: string, code: string): void => {
    addChange(history, site, { seq, at: 1, path, deliveries: [{ peer: 'a', state }] });
    history.store.run('UPDATE delivery SET error = ? WHERE seq = ?', JSON.stringify({ code, params: {} }), seq);
  };
  report(1, 'given.html', 'skipped', 'change.given-up');
  report(2, 'held.html', 'held', 'wait.held');
  report(4, 'waits.html', 'held', 'wait.group');
  const routes = [
    { glob: '*.txt', mirrors: [] },
    { glob: '**', mirrors: 'all' as const },
  ];
  const rows = await browse(history, { site, head: 4, routes, mirrors: [{ id: 'a', publishedSeq: 1 }] });
  expect(rows.map(brief)).toEqual([
    'given.html given-up 0/1',
    'held.html held 0/1',
    'private.txt not-wanted 0/0',
    'waits.html waiting 0/1',
  ]);
});

test('a folder is as its worst part, is in step only by the cursors, and is not counted where a mirror is far behind', async () => {
  const many = Array.from({ length: OUTSTANDING_MAX + 2 }, (_, at) => `many/${String(at).padStart(5, '0')}`);
  const { history, site, head } = await seeded(['a/old.html', ...many, 'b/new.html', 'c/fails.html']);
  addChange(history, site, {
    seq: head,
    at: 1,
    path: 'c/fails.html',
    deliveries: [{ peer: 'a', state: 'failed' }],
  });
  const at = async (publishedSeq: number, connected = true): Promise<string[]> =>
    (await browse(history, { site, head, mirrors: [{ id: 'a', publishedSeq, connected }] })).map(
      ({ path, state }) => `${path} ${state}`,
    );
  expect(await at(head)).toEqual(['a published', 'b published', 'c published', 'many published']);
  expect(await at(head - 2)).toEqual(['a published', 'b on-its-way', 'c failing', 'many published']);
  expect(await at(head - 3)).toEqual(['a published', 'b on-its-way', 'c failing', 'many on-its-way']);
  expect(await at(0)).toEqual(['a unknown', 'b unknown', 'c unknown', 'many unknown']);
  expect(await at(head - 2, false)).toEqual(['a published', 'b away', 'c failing', 'many published']);
});

test('while a mirror compares its index its cursor says nothing', async () => {
  const { history, site } = await seeded(['a/x.html', 'y.html']);
  const context = contextOf(history, { site, head: 2, mirrors: [{ id: 'a', publishedSeq: 2 }] });
  // By other routes than those of today.
  history.store.run('UPDATE subscription SET routes = NULL');
  const again = contextOf(history, { site, head: 2, mirrors: [] });
  expect(context).not.toBe(again);
  const { rows } = await treeHandlers(again)['site.browse']({
    folder: ROOT,
    limit: 10,
    site: undefined,
    after: undefined,
  });
  expect(rows.map(({ path, state }) => `${path} ${state}`)).toEqual(['a unknown', 'y.html unknown']);
});

async function seeded(files: readonly string[]): Promise<{ history: SeededHistory; site: number; head: number }> {
  const history = await emptyHistory(join(await temporaryFolder(), 'tree.db'), 'master', 'origin');
  onTestFinished(() => history.store.close());
  for (const [id, name] of [
    ['a', 'tokyo'],
    ['b', 'osaka'],
    ['c', 'berlin'],
  ] as const)
    addMirror(history, id, name);
  const site = addSite(history, 'www');
  return { history, site, head: addTree(history, site, { files }) };
}

async function browse(history: SeededHistory, site: SeededSite): Promise<TreeRow[]> {
  const query = { folder: ROOT, limit: 100, site: undefined, after: undefined };
  return (await treeHandlers(contextOf(history, site))['site.browse'](query)).rows;
}

function brief(row: TreeRow): string {
  return row.kind === 'file' ? `${row.path} ${row.state} ${row.has}/${row.of}` : `${row.path}/ ${row.state}`;
}
