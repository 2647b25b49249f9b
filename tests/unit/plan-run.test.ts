import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Assembler, type AssemblerOptions } from '../../electron/engine/mirror/assembler.ts';
import { NotShown } from '../../electron/engine/mirror/not-shown.ts';
import type { Ready } from '../../electron/engine/mirror/ready.ts';
import { MirrorState } from '../../electron/engine/store/mirror-state.ts';
import { newWant } from '../../electron/engine/store/want-rows.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { siteRules } from '../../shared/contract/rules.ts';
import type { Reference } from '../../shared/domain/reference.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PAGES = 400;
const STYLE = 'style.css' as SitePath;

/** A clock that goes on by a millisecond whenever it is asked: what is done in one turn is counted, not timed. */
function countedClock(): void {
  // What came before is long over.
  let millis = performance.now() + 1_000_000;
  const spy = vi.spyOn(performance, 'now').mockImplementation(() => (millis += 1));
  onTestFinished(() => spy.mockRestore());
}

/** A mirror at which pages wait that need the same stylesheet; each page links to the one after it. What it hands over, in its order. */
async function withPages() {
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  store.run("INSERT INTO site (name) VALUES ('www')");
  const state = new MirrorState(store, 'www');
  let seqs = 0;
  const want = (path: SitePath, refs: readonly string[], kind: 'file' | 'gone' = 'file'): Ready => {
    const seq = (seqs += 1);
    const content = { size: 1, mtime: 1, sha256: seq.toString(16).padStart(64, '0') };
    const target = kind === 'gone' ? { kind } : { kind, ...content, refs: refs.map((ref) => ref as Reference) };
    const transfer = state.transfers.add({ op: 'put', path, seq, at: 1, ...content }, 'fetch', 'queued', 1);
    const made = { ...newWant(1), path, target, seq, transfer };
    state.wants.set(made);
    return { want: made, verdict: 'fetch', staged: `s${seq}` };
  };
  const page = (at: number): SitePath => `p${at}.html` as SitePath;
  const pages = store.transaction(() =>
    Array.from({ length: PAGES }, (_, at) => want(page(at), [STYLE, ...(at + 1 < PAGES ? [page(at + 1)] : [])])),
  );
  const style = want(STYLE, []);
  const handedOver: SitePath[][] = [];
  const takes = (ready: readonly Ready[]): unknown => handedOver.push(ready.map(({ want: { path } }) => path));
  const options: Partial<Record<keyof AssemblerOptions, unknown>> = {
    state,
    publisher: { publish: (...ready: Ready[]) => takes(ready), publishTogether: takes },
    staging: { readyNameOf: () => 'ready', rename: () => undefined },
    excludes: () => false,
    isCurrent: () => true,
    canFetch: () => true,
    isPaused: () => false,
    now: () => 2,
    logger: pino({ level: 'silent' }),
    onKept: () => undefined,
    onUnused: () => undefined,
    onTransfer: () => undefined,
    onWaits: () => undefined,
    onRelease: () => undefined,
  };
  const assembler = new Assembler(options as unknown as AssemblerOptions);
  onTestFinished(() => assembler.stop());
  await assembler.start();
  /** The stylesheet is published, and nothing waits for it any more. */
  const publishStyle = (): void => {
    if (style.want.target.kind !== 'file') return;
    state.setEntry(STYLE, style.want.target, style.want.seq);
    state.wants.drop(STYLE);
    assembler.changed(STYLE);
  };
  return { state, assembler, pages, page, want, handedOver, publishStyle };
}

test('what goes together with many is decided a part at a time, and the targets go first', async () => {
  const { assembler, pages, page, handedOver, publishStyle } = await withPages();
  publishStyle();
  countedClock();
  assembler.deliver(pages);
  expect(handedOver).toEqual([]);
  let turns = 0;
  for (; handedOver.length < PAGES && turns < 10_000; turns += 1) await nextTurn();
  expect(handedOver).toEqual(Array.from({ length: PAGES }, (_, at) => [page(PAGES - 1 - at)]));
  expect(turns).toBeGreaterThan(10);
});

test('what was replaced while the plan was made is not handed over, nor what comes after it', async () => {
  const { assembler, pages, page, want, handedOver, publishStyle } = await withPages();
  publishStyle();
  countedClock();
  assembler.deliver(pages);
  const replaced = 300;
  want(page(replaced), [STYLE]);
  assembler.changed(page(replaced));
  for (let turn = 0; handedOver.length < PAGES - 1 - replaced && turn < 10_000; turn += 1) await nextTurn();
  for (let turn = 0; turn < 500; turn += 1) await nextTurn();
  // The pages before it need it; those after it do not.
  expect(handedOver.flat()).toEqual(Array.from({ length: PAGES - 1 - replaced }, (_, at) => page(PAGES - 1 - at)));
});

test('what may count on something that turns out not to appear meanwhile is not handed over, nor what needs that', async () => {
  const { state, assembler, pages, page, handedOver, publishStyle } = await withPages();
  publishStyle();
  countedClock();
  assembler.deliver(pages);
  while (handedOver.length < 10) await nextTurn();
  const last = handedOver.length;
  const [lost] = pages.slice(PAGES - last);
  if (!lost) throw new Error('none was handed over');
  // The publisher has noted that it failed.
  state.wants.set({ ...lost.want, state: 'failed', nextAt: 1_000_000 });
  assembler.changed(lost.want.path);
  const notShown = new NotShown(siteRules.parse({ links: { wait: true } }));
  notShown.add([lost]);
  assembler.notShown(notShown, []);
  for (let turn = 0; turn < 1_000; turn += 1) await nextTurn();
  expect(handedOver).toEqual(Array.from({ length: last }, (_, at) => [page(PAGES - 1 - at)]));
});

test('where what was handed over comes back as it was overtaken, nothing more of that plan is handed over', async () => {
  const { state, assembler, pages, page, handedOver, publishStyle } = await withPages();
  publishStyle();
  countedClock();
  assembler.deliver(pages);
  while (handedOver.length < 10) await nextTurn();
  const last = handedOver.length;
  const back = pages.slice(PAGES - last);
  // Its want is another one by now, which is not here yet.
  const [overtaken] = back;
  if (!overtaken) throw new Error('none was handed over');
  state.wants.set({ ...overtaken.want, transfer: 100_000 });
  assembler.returned([overtaken]);
  for (let turn = 0; turn < 1_000; turn += 1) await nextTurn();
  expect(handedOver).toEqual(Array.from({ length: last }, (_, at) => [page(PAGES - 1 - at)]));
});

test('a delete that nothing held waits until the plan is made: what the plan lets go may link to what it takes', async () => {
  const { state, assembler, pages, want, handedOver, publishStyle } = await withPages();
  publishStyle();
  countedClock();
  const asked = vi.spyOn(state, 'seqAt');
  assembler.deliver(pages);
  while (!asked.mock.calls.flat().includes(STYLE)) await nextTurn();
  const gone = want(STYLE, [], 'gone');
  assembler.changed(STYLE);
  assembler.deliver([gone]);
  expect(handedOver).toEqual([]);
  for (let turn = 0; handedOver.length < PAGES + 1 && turn < 10_000; turn += 1) await nextTurn();
  expect(handedOver.at(-1)).toEqual([STYLE]);
  expect(handedOver).toHaveLength(PAGES + 1);
});
