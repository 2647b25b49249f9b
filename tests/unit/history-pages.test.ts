import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { pageHistory } from '../../electron/engine/history/history.ts';
import type { Bridge } from '../../renderer/bridge/bridge.ts';
import { type HistoryFilter, HistoryPages } from '../../renderer/features/history/history-pages.ts';
import { calls } from '../../shared/contract/calls.ts';
import { addChange, addMirror, addSite, emptyHistory, type SeededHistory } from '../support/seeded-history.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The pages of the interface over the history of an engine, without what lies between them. */
async function pagesOver(
  count: number,
  filter: HistoryFilter = {},
  held: (params: { limit: number }) => Promise<void> | undefined = () => undefined,
) {
  const history = await emptyHistory(join(await temporaryFolder(), 'h.db'), 'master', 'origin');
  onTestFinished(() => history.store.close());
  addMirror(history, 'a', 'tokyo');
  const site = addSite(history, 'www');
  add(history, site, 1, count);
  let asked = 0;
  const call = async (_name: string, params: unknown): Promise<unknown> => {
    asked += 1;
    await held(params as { limit: number });
    const page = pageHistory(history, calls['history.page'].params.parse(params));
    await new Promise(setImmediate);
    return page;
  };
  const pages = new HistoryPages({ call } as unknown as Bridge, filter);
  onTestFinished(() => pages.stop());
  const seqs = (): (number | undefined)[] => pages.view().rows.map(({ seq }) => seq);
  return { history, site, pages, seqs, asked: () => asked };
}

function add(history: SeededHistory, site: number, from: number, to: number, state = 'published'): void {
  history.store.transaction(() => {
    for (let seq = from; seq <= to; seq += 1)
      addChange(history, site, { seq, at: seq, path: `p${seq}`, deliveries: [{ peer: 'a', state, after: 1 }] });
  });
}

const down = (newest: number, oldest = 1): number[] =>
  Array.from({ length: newest - oldest + 1 }, (_, at) => newest - at);

test('page by page to the end, once however often it is asked', async () => {
  const { pages, seqs } = await pagesOver(1500);
  await Promise.all([pages.more(), pages.more(), pages.more()]);
  expect(seqs()).toEqual(down(1500, 1301));
  expect(pages.view()).toMatchObject({ is: 'more', about: 1500 });
  for (let page = 0; page < 5; page += 1) await pages.more();
  expect(seqs()).toEqual(down(1500));
  expect(pages.view().is).toBe('end');
});

test('what comes in stands on top, also more than a page of it, and what was read stays', async () => {
  const { history, site, pages, seqs } = await pagesOver(900);
  await pages.more();
  await pages.more();
  add(history, site, 901, 1400);
  pages.changed();
  await expect.poll(() => seqs()).toEqual(down(1400, 201));
  await pages.more();
  expect(seqs()).toEqual(down(1400));
});

test('after more than can be asked for at once the list begins anew, without a hole', async () => {
  const { history, site, pages, seqs } = await pagesOver(300);
  await pages.more();
  add(history, site, 301, 5000);
  pages.changed();
  await expect.poll(() => seqs()[0]).toBe(5000);
  expect(seqs()).toEqual(down(5000, 5000 - seqs().length + 1));
  while (pages.view().is === 'more') await pages.more();
  expect(seqs()).toEqual(down(5000));
});

test('a page that fails once the list was begun anew says nothing of that one', async () => {
  let fail: ((error: Error) => void) | undefined;
  const { history, site, pages, seqs } = await pagesOver(900, {}, ({ limit }) => {
    if (limit === 200 || fail) return undefined;
    return new Promise((_, reject) => {
      fail = reject;
    });
  });
  await pages.more();
  const reading = pages.more();
  add(history, site, 901, 6000);
  pages.changed();
  await expect.poll(() => seqs()[0]).toBe(6000);
  fail?.(new Error('gone'));
  await reading;
  expect(pages.view()).toMatchObject({ is: 'more', error: undefined });
  while (pages.view().is === 'more') await pages.more();
  expect(seqs()).toEqual(down(6000));
});

test('a history that was empty grows, and goes on below', async () => {
  const { history, site, pages, seqs } = await pagesOver(0);
  await pages.more();
  expect(pages.view()).toMatchObject({ rows: [], is: 'end' });
  add(history, site, 1, 350);
  pages.changed();
  await expect.poll(() => seqs()).toEqual(down(350, 151));
  await pages.more();
  expect(seqs()).toEqual(down(350));
});

test('what is on the screen far below is kept true', async () => {
  const { history, pages } = await pagesOver(1000);
  await pages.more();
  await pages.more();
  pages.see(400, 430);
  history.store.run("UPDATE delivery SET state = 'failed' WHERE seq = 590");
  pages.changed();
  const shown = () => pages.view().rows.find(({ seq }) => seq === 590)?.deliveries[0]?.state;
  await expect.poll(() => shown()).toBe('failed');
  expect(pages.view().rows).toHaveLength(700);
});

test('a change that no longer fits the filter goes', async () => {
  const { history, site, pages, seqs } = await pagesOver(100, { states: ['failed'] });
  add(history, site, 101, 103, 'failed');
  await pages.more();
  expect(seqs()).toEqual([103, 102, 101]);
  history.store.run("UPDATE delivery SET state = 'published' WHERE seq = 102");
  pages.changed();
  await expect.poll(() => seqs()).toEqual([103, 101]);
});

test('after it was stopped nothing is asked', async () => {
  const { pages, asked } = await pagesOver(10);
  pages.stop();
  await pages.more();
  pages.changed();
  expect(asked()).toBe(0);
});
