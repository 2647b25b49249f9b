import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { TreeIndex, treeSql } from '../../electron/engine/store/tree-index.ts';
import { ROOT, type SitePath } from '../../shared/domain/site-path.ts';
import { addSite, emptyHistory, type SeededHistory } from '../support/seeded-history.ts';
import { addLargeTree, addTree } from '../support/seeded-tree.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const at = (path: string): SitePath => path as SitePath;

test('a level holds what lies in a folder: folders first, also those without a row of their own, and nothing deleted', async () => {
  const history = await newHistory();
  const site = addSite(history, 'www');
  addTree(history, site, {
    folders: ['a', 'a-b', 'a.d', 'empty', 'a/inner'],
    files: [
      'a/x.html',
      'a/inner/y.html',
      'a-b/z.html',
      'a.html',
      'implied/deep/w.html',
      'é.html',
      'a0',
      '😀/f.html',
      'z',
    ],
    gone: ['was/here.html', 'gone.html', 'a/gone.html', 'was'],
  });
  const index = new TreeIndex(history.store, site, 'master');
  expect(await everyRow(index, ROOT, 100)).toEqual([
    'a/',
    'a-b/',
    'a.d/',
    'empty/',
    'implied/',
    '😀/',
    'a.html',
    'a0',
    'z',
    'é.html',
  ]);
  expect(await everyRow(index, at('a'), 1)).toEqual(['a/inner/', 'a/x.html']);
  expect(await everyRow(index, at('implied'), 100)).toEqual(['implied/deep/']);
  expect(await everyRow(index, at('was'), 100)).toEqual([]);
  expect(await everyRow(index, at('no-such-folder'), 100)).toEqual([]);
  // A place that was made up leads nowhere else.
  expect((await index.page(at('a'), 'f/', 100)).rows.map(({ path }) => path)).toEqual(['a/x.html']);
});

test('whatever the tree: all pages together are the level, each once', async () => {
  const history = await newHistory();
  const segment = fc.constantFrom('a', 'b', 'a-', 'a.', 'a0', 'a/', 'é', '😀').map((text) => text.replace('/', '~'));
  const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(path, { maxLength: 30 }),
      fc.array(path, { maxLength: 6 }),
      fc.integer({ min: 1, max: 7 }),
      async (paths, gone, limit) => {
        // A name is a file or a folder.
        const files = paths.filter((each) => !paths.some((other) => other.startsWith(`${each}/`)));
        const deleted = gone.filter((each) => !paths.some((other) => other === each || other.startsWith(`${each}/`)));
        const site = addSite(history, `s${(run += 1)}`);
        addTree(history, site, { files, gone: deleted });
        const index = new TreeIndex(history.store, site, 'master');
        for (const folder of ['', ...paths]) {
          const rows = await everyRow(index, at(folder), limit);
          expect(rows.toSorted()).toEqual(level(files, folder).toSorted());
          expect(new Set(rows).size).toBe(rows.length);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('what is looked for is found by a part of its path or a pattern, below the folder only', async () => {
  const history = await newHistory();
  const site = addSite(history, 'www');
  addTree(history, site, { files: ['News/A.html', 'news/b.html', 'img/news.png', 'x'], folders: ['img', 'news'] });
  const index = new TreeIndex(history.store, site, 'master');
  const find = async (folder: string, part: string): Promise<string[]> =>
    (await index.find(at(folder), (path) => path.includes(part), '', 100)).rows.map((row) => row.path);
  expect(await find('', 'news')).toEqual(['img/news.png', 'news', 'news/b.html']);
  expect(await find('img', 'news')).toEqual(['img/news.png']);
  const first = await index.find(ROOT, (path) => path.endsWith('.html'), '', 1);
  const second = await index.find(ROOT, (path) => path.endsWith('.html'), first.next ?? '', 10);
  expect([...first.rows, ...second.rows].map(({ path }) => path)).toEqual(['News/A.html', 'news/b.html']);
});

test('300,000 files: a page looks at no more than its folder, and the folder of 50,000 is read to its end', async () => {
  const history = await newHistory();
  const { site } = addLargeTree(history);
  const counted = countingStore(history);
  const index = new TreeIndex(counted.store, site, 'master');
  expect((await index.page(ROOT, '', 200)).rows.map(({ path }) => path)).toEqual(['flat', 'shop']);
  // Two folders, their neighbours, and the end: of 302,552 rows.
  expect(counted.rows()).toBeLessThan(50);
  expect((await index.page(at('shop'), '', 200)).rows).toHaveLength(50);
  expect(counted.rows()).toBeLessThan(300);
  expect((await index.page(at('shop/range-7/product-7'), '', 200)).rows).toHaveLength(2);
  expect(await everyRow(index, at('flat'), 1000)).toHaveLength(50_000);
});

test.each(['master', 'mirror'] as const)('at a %s every query searches an index, and sorts nothing', async (role) => {
  const history = await newHistory();
  const site = addSite(history, 'www');
  const { range, isFolder } = treeSql(role);
  for (const [sql, ...values] of [
    [`${range} LIMIT ?4`, site, 'a/', 'a/\u{10ffff}', 10],
    [`SELECT path FROM (${range} LIMIT ?4) WHERE kind = 'dir' LIMIT 1`, site, 'a/', 'a/\u{10ffff}', 10],
    [isFolder, site, 'a'],
  ] as const) {
    const plan = history.store.all(`EXPLAIN QUERY PLAN ${sql}`, ...values).map(({ detail }) => String(detail));
    expect(plan.filter((step) => /^SCAN (?!\(subquery)/.test(step) || step.includes('TEMP B-TREE'))).toEqual([]);
    const searches = plan.filter((step) => step.startsWith('SEARCH'));
    expect(searches.length).toBeGreaterThan(0);
    for (const search of searches) expect(search).toMatch(/PRIMARY KEY \(site=\? AND (path=\?|path>\? AND path<\?)\)/);
  }
});

async function newHistory(): Promise<SeededHistory> {
  const history = await emptyHistory(join(await temporaryFolder(), 'tree.db'), 'master', 'origin');
  onTestFinished(() => history.store.close());
  return history;
}

/** Paths, folders with a slash at their end. */
async function everyRow(index: TreeIndex, folder: SitePath, limit: number): Promise<string[]> {
  const all: string[] = [];
  for (let place = ''; ; ) {
    const { rows, next } = await index.page(folder, place, limit);
    expect(rows.length).toBeLessThanOrEqual(limit);
    all.push(...rows.map(({ kind, path }) => (kind === 'dir' ? `${path}/` : path)));
    if (next === undefined) return all;
    place = next;
  }
}

function level(files: readonly string[], folder: string): string[] {
  const prefix = folder === '' ? '' : `${folder}/`;
  const names = files.flatMap((file) => {
    if (!file.startsWith(prefix)) return [];
    const rest = file.slice(prefix.length).split('/');
    return [`${prefix}${rest[0] ?? ''}${rest.length > 1 ? '/' : ''}`];
  });
  return [...new Set(names)];
}

/** Counts the rows that come out of the database. */
function countingStore({ store }: SeededHistory) {
  let rows = 0;
  const counting = Object.create(store) as typeof store;
  counting.all = (...args) => {
    const found = store.all(...args);
    rows += found.length;
    return found;
  };
  counting.get = (...args) => {
    rows += 1;
    return store.get(...args);
  };
  return { store: counting, rows: () => rows };
}
