import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Store } from '../../electron/engine/store/open.ts';
import { startMaster, startMirror } from '../support/master-and-mirror.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Tables that grow with the site, or with its history. */
const LARGE = ['entry', 'journal', 'link', 'transfer', 'delivery', 'want', 'e', 'j', 'o', 'c', 't'];
/** What reads through a whole state of a site on purpose. */
const ON_PURPOSE = [
  // At a start.
  /^SELECT \* FROM want WHERE site = \? ORDER BY path$/,
  /^UPDATE want SET (since|next_at) = \?1 /,
  // What a person is shown.
  /^SELECT count\(\*\) AS waiting FROM want WHERE site = \?$/,
  // What has failed, by an index that holds nothing else.
  /^SELECT .* INDEXED BY want_retried WHERE /s,
  // The first of an index, or a few of its first.
  /^SELECT min\(seq\) AS seq FROM want WHERE site = \?$/,
  /^SELECT .* INDEXED BY want_(small|large|dir|gone) WHERE .* LIMIT (\?|1)$/s,
  /^SELECT \* FROM \(SELECT \* FROM transfer NOT INDEXED WHERE site = \?1 ORDER BY id DESC LIMIT 500\) ORDER BY id$/,
  // Where all of it becomes something else: another journal, other rules.
  /^UPDATE (entry|want) SET (seq = 0|release = NULL) WHERE site = \?$/,
  /^UPDATE transfer SET seq = 0 WHERE id IN \(SELECT id FROM \(SELECT .* LIMIT 500\)\) OR id IN \(SELECT transfer FROM want /,
];

test('no statement on the way of a change, of a catch-up or of a snapshot reads through all of the site', async () => {
  const folder = await temporaryFolder();
  const statements = new Set<string>();
  for (const method of ['run', 'insert', 'get', 'all'] as const) {
    const real = Store.prototype[method] as (this: Store, sql: string, ...values: never[]) => unknown;
    vi.spyOn(Store.prototype, method).mockImplementation(function (this: Store, sql: string, ...values: unknown[]) {
      statements.add(sql);
      return real.call(this, sql, ...(values as never[])) as never;
    });
  }
  onTestFinished(() => void vi.restoreAllMocks());
  const master = await startMaster(join(folder, 'master'));
  const mirror = await startMirror(join(folder, 'mirror'), 'tokyo');
  onTestFinished(async () => {
    await mirror.stop();
    await master.stop();
  });
  await master.put('before.html', '<p>Hello');
  mirror.connect(master);
  await mirror.inStep(master);
  await change('live');
  await mirror.inStep(master);
  mirror.cut();
  await change('missed');
  mirror.connect(master);
  await mirror.inStep(master);
  master.deliveries.flush();
  const reading = [...statements].flatMap((sql) => {
    if (ON_PURPOSE.some((known) => known.test(sql))) return [];
    const plan = master.store.all(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => String(detail));
    return plan.some(readsAll) ? [{ sql, plan }] : [];
  });
  expect(reading).toEqual([]);
  expect(statements.size).toBeGreaterThan(50);

  async function change(name: string): Promise<void> {
    await master.put(`${name}.txt`, name);
    await master.mkdir(name);
    await master.put(`${name}.html`, `<a href="before.html">${name}`);
    await master.put(`${name}/x.png`, `a picture ${name}`);
    await master.mkdir(`${name}/inner`);
    await master.touch(`${name}.txt`, 1_700_000_000_000);
    await master.rename(name, `${name}-other`);
    await master.remove(`${name}.txt`);
    await master.rules({ groups: [{ name, members: [`${name}.css`], rule: 'all' }] });
  }
});

function readsAll(step: string): boolean {
  const [, how, table = '', by = ''] = /^(SCAN|SEARCH) (\S+)(?: .*\((.*)\))?/.exec(step) ?? [];
  return LARGE.includes(table) && (how === 'SCAN' || by === 'site=?');
}
