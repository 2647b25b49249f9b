import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { link, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Ready } from '../../electron/engine/mirror/ready.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { meanwhile, startPublisher } from '../support/site-publisher.ts';

const path = 'page' as SitePath;

/** A file that is published, where no versions are kept, and what is wanted in its place: another one, or none. */
async function aPage() {
  const started = await startPublisher();
  const { state, root, ready } = started;
  const at = join(root.folder, path);
  const hash = (content: string): string => createHash('sha256').update(content).digest('hex');
  await writeFile(at, 'ours');
  const mtime = Math.round((await stat(at)).mtimeMs);
  state.setEntry(path, { kind: 'file', size: 4, mtime, sha256: hash('ours') }, 1);
  const newer = async (): Promise<Ready> => {
    await writeFile(join(root.staging, 'f-2'), 'newer');
    await utimes(join(root.staging, 'f-2'), 5, 5);
    // Its time is another one by now: so it is not put there before that is noted.
    const made = ready(path, { kind: 'file', size: 5, mtime: 5000, sha256: hash('newer') }, 2, 'f-2');
    state.wants.set({ ...made.want, target: { ...made.want.target, mtime: 6000 } as Ready['want']['target'] });
    return made;
  };
  const gone = (): Ready => {
    const transfer = state.transfers.add({ op: 'delete', path, seq: 2, at: 1 }, 'delete', 'queued', 1);
    const want = { ...ready(path, { kind: 'dir' }, 2).want, target: { kind: 'gone' } as const, transfer };
    state.wants.set(want);
    return { want, verdict: 'delete', staged: null };
  };
  const other = (): Ready => ready('other' as SitePath, { kind: 'dir' }, 3);
  return { ...started, at, newer, gone, other };
}

const saves = {
  'writes to it': (at: string) => writeFileSync(at, 'of somebody'),
  'puts another file in its place': (at: string) => {
    writeFileSync(`${at}~`, 'of somebody');
    renameSync(`${at}~`, at);
  },
};

test.each(
  (['replaced', 'deleted'] as const).flatMap((how) =>
    (['alone', 'in a set'] as const).flatMap((as) =>
      (Object.keys(saves) as (keyof typeof saves)[]).map((save) => [how, as, save] as const),
    ),
  ),
)('of a file that is %s, %s, nothing is lost where somebody %s once that is decided', async (how, as, save) => {
  const { publisher, at, newer, gone, other, state, failed } = await aPage();
  const ready = how === 'replaced' ? await newer() : gone();
  meanwhile(as === 'alone' ? 'carryOut' : 'carryOutTogether', () => saves[save](at));
  if (as === 'alone') publisher.publish(ready);
  else publisher.publishTogether([ready, other()], () => undefined);
  await expect.poll(() => state.inFlight.size === 0 && failed, { timeout: 3000 }).toContain('page file.changed');
  expect(readFileSync(at, 'utf8')).toBe('of somebody');
});

test('what only gets another time in a set, under a second name of a file that is replaced in it, is not in its way', async () => {
  const { publisher, at, newer, state, root, ready, failed, done } = await aPage();
  const twin = 'twin' as SitePath;
  await link(at, join(root.folder, twin));
  const entry = state.entry(path);
  if (entry?.kind !== 'file') throw new Error('it is not published');
  state.setEntry(twin, entry, 1);
  const timed: Ready = { ...ready(twin, { ...entry, mtime: 7000 }, 3), stands: true };
  publisher.publishTogether([timed, await newer()], () => undefined);
  await expect.poll(() => [failed, done.length], { timeout: 3000 }).toEqual([[], 2]);
  expect([readFileSync(at, 'utf8'), readFileSync(join(root.folder, twin), 'utf8')]).toEqual(['newer', 'ours']);
});
