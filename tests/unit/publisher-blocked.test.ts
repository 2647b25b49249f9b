import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Ready } from '../../electron/engine/mirror/ready.ts';
import { newWant } from '../../electron/engine/store/want-rows.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { startPublisher } from '../support/site-publisher.ts';

/** More than are decided in one transaction. */
const MANY = 250;

test('folders that wait for what is in them to go first are not looked at with each other change, and go once it has', async () => {
  const { state, root, publisher, ready, done, blocked } = await startPublisher();
  const folders = Array.from({ length: MANY }, (_, at) => `d${at}` as SitePath);
  const inner = (folder: SitePath): SitePath => `${folder}/inner` as SitePath;
  const gone = (path: SitePath): Ready => {
    const transfer = state.transfers.add({ op: 'delete', path, seq: 1, at: 1 }, 'rmdir', 'queued', 1);
    const want = { ...newWant(1), path, target: { kind: 'gone' } as const, seq: 1, transfer };
    state.wants.set(want);
    return { want, verdict: 'rmdir', staged: null };
  };
  for (const folder of folders) await mkdir(join(root.folder, inner(folder)), { recursive: true });
  const [outer, below] = state.store.transaction(() => {
    for (const path of folders.flatMap((folder) => [folder, inner(folder)])) state.setEntry(path, { kind: 'dir' }, 1);
    return [folders.map(gone), folders.map((folder) => gone(inner(folder)))];
  });
  publisher.publish(...outer);
  await expect.poll(() => blocked.length).toBe(MANY);
  const looks = vi.spyOn(SiteRoot.prototype, 'resolve');
  onTestFinished(() => looks.mockRestore());
  for (const name of ['x', 'y', 'z'] as SitePath[]) {
    publisher.publish(ready(name, { kind: 'dir' }, 2));
    await expect.poll(() => done.at(-1)).toBe(name);
  }
  expect(looks.mock.calls.filter(([path]) => path.startsWith('d'))).toEqual([]);
  publisher.publish(...below);
  await expect.poll(() => done.length).toBe(2 * MANY + 3);
  expect((await readdir(root.folder)).toSorted()).toEqual(['.lockstep', 'x', 'y', 'z']);
});

test('what waits for something else is published after it also where that could not be noted for a moment', async () => {
  const { state, root, publisher, ready, done, blocked } = await startPublisher();
  const gone = (path: SitePath): Ready => {
    const transfer = state.transfers.add({ op: 'delete', path, seq: 1, at: 1 }, 'rmdir', 'queued', 1);
    const want = { ...newWant(1), path, target: { kind: 'gone' } as const, seq: 1, transfer };
    state.setEntry(path, { kind: 'dir' }, 1);
    state.wants.set(want);
    return { want, verdict: 'rmdir', staged: null };
  };
  const [outer, inner] = ['d', 'd/inner'] as [SitePath, SitePath];
  await mkdir(join(root.folder, inner), { recursive: true });
  const [first, second] = [gone(outer), gone(inner)];
  let refused = false;
  vi.spyOn(blocked, 'push').mockImplementationOnce(() => {
    refused = true;
    throw new AppError('file.disk-full');
  });
  publisher.publish(first);
  await expect.poll(() => refused).toBe(true);
  publisher.publish(ready('other' as SitePath, { kind: 'dir' }, 2));
  publisher.publish(second);
  await expect.poll(() => done.toSorted(), { timeout: 3000 }).toEqual(['d', 'd/inner', 'other']);
});
