import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FOREIGN_SEQ } from '../../electron/engine/store/mirror-state.ts';
import { identityAt, type Step } from '../../electron/engine/tree/steps.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { startPublisher } from '../support/site-publisher.ts';

const PATH = 'page.html' as SitePath;
const THEIRS = 'made here by somebody else';

function hashOf(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A crash came after it was decided that a file of somebody else is kept and goes, and what it is to be kept as is in the way. */
async function crashed(then: 'place' | 'remove') {
  const { state, root, drift, start } = await startPublisher();
  const at = join(root.folder, PATH);
  await writeFile(at, THEIRS);
  await writeFile(join(root.staging, 'f-1'), 'new');
  const identity = await identityAt(root, PATH);
  const sha256 = hashOf(THEIRS);
  const next: Step =
    then === 'place'
      ? { do: 'place', from: 'staging', staged: 'f-1', path: PATH }
      : { do: 'remove', path: PATH, identity };
  const plan: Step[] = [{ do: 'keep', path: PATH, sha256, identity, same: true, only: true }, next];
  state.store.transaction(() => {
    state.store.insert('INSERT INTO plan (site, steps) VALUES (?, ?)', state.site, JSON.stringify(plan));
    drift.noteReplaced(PATH, { size: THEIRS.length, mtime: 1 }, sha256, 1);
    if (then === 'place')
      state.setEntry(PATH, { kind: 'file', size: 3, mtime: 5000, sha256: hashOf('new'), refs: [] }, 7);
  });
  const kept = join(root.versions, sha256);
  await mkdir(kept);
  await writeFile(join(kept, 'in the way'), '');
  return { state, drift, start, at, kept };
}

test('what somebody else has made of a file is not replaced by a start either as long as it cannot be kept', async () => {
  const { state, drift, start, at } = await crashed('place');
  await start();
  expect(await readFile(at, 'utf8')).toBe(THEIRS);
  // Whoever puts the master's in its place has to keep it.
  expect([state.entry(PATH), state.wants.of(PATH)]).toMatchObject([
    { sha256: hashOf(THEIRS), seq: FOREIGN_SEQ },
    { target: { sha256: hashOf('new') } },
  ]);
  expect(drift.in('replaced', 9)).toEqual([]);
});

test('nor does a start remove it', async () => {
  const { state, drift, start, at } = await crashed('remove');
  await start();
  expect([await readFile(at, 'utf8'), state.entry(PATH), drift.in('replaced', 9)]).toEqual([THEIRS, undefined, []]);
});

test('and where it can be kept by then it is, and goes', async () => {
  const { start, at, kept } = await crashed('remove');
  await rm(kept, { recursive: true });
  await start();
  await expect(readFile(at)).rejects.toMatchObject({ code: 'ENOENT' });
});
