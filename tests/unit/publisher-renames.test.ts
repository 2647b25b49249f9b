import { createHash } from 'node:crypto';
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Ready } from '../../electron/engine/mirror/ready.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { startPublisher } from '../support/site-publisher.ts';

async function aPublisher() {
  const started = await startPublisher();
  const { state, root, publisher, ready } = started;
  const at = (path: string): string => join(root.folder, path);
  const hash = (content: string): string => createHash('sha256').update(content).digest('hex');
  const fetched = async (path: string, content: string, seq: number): Promise<Ready> => {
    const staged = `f-${seq}`;
    await writeFile(join(root.staging, staged), content);
    await utimes(join(root.staging, staged), 5, 5);
    const target = { kind: 'file', size: content.length, mtime: 5000, sha256: hash(content) } as const;
    return ready(path as SitePath, target, seq, staged);
  };
  const published = async (path: string, content: string): Promise<void> => {
    await writeFile(at(path), content);
    const mtime = Math.round((await stat(at(path))).mtimeMs);
    state.setEntry(path as SitePath, { kind: 'file', size: content.length, mtime, sha256: hash(content) }, 1);
  };
  const order = (from: string, path: string, seq: number): boolean =>
    state.store.transaction(() =>
      publisher.orderRename({ from: from as SitePath, path: path as SitePath, kind: 'file', seq, transfer: 1 }),
    );
  const read = (path: string): Promise<string | undefined> => readFile(at(path), 'utf8').catch(() => undefined);
  return { ...started, at, fetched, published, order, read };
}

test.each([
  ['new', { a: 'ours', b: 'of somebody' }],
  ['old', { a: 'of somebody', b: undefined }],
])('what somebody puts at the %s name of a rename right after that is decided stays there', async (name, left) => {
  const { publisher, at, published, order, read, state } = await aPublisher();
  await published('a', 'ours');
  expect(order('a', 'b', 2)).toBe(true);
  const path = at(name === 'new' ? 'b' : 'a');
  await rm(path, { force: true });
  await writeFile(path, 'of somebody');
  publisher.carryOutRenames();
  await expect.poll(() => state.inFlight.size).toBe(0);
  expect({ a: await read('a'), b: await read('b') }).toEqual(left);
});

test.each(['a', 'b'])(
  'what somebody writes to the file %s is neither replaced nor renamed where a is renamed to b right after that is decided',
  async (name) => {
    const { publisher, at, published, order, read, state } = await aPublisher();
    for (const path of ['a', 'b']) await published(path, `ours ${path}`);
    expect(order('a', 'b', 2)).toBe(true);
    await writeFile(at(name), 'of somebody');
    publisher.carryOutRenames();
    await expect.poll(() => state.inFlight.size).toBe(0);
    expect({ a: await read('a'), b: await read('b') }).toEqual({ a: 'ours a', b: 'ours b', [name]: 'of somebody' });
  },
);

test.each(['a', 'b'])(
  'what comes to the name %s while a is renamed to b, and was looked at before, is there after it',
  async (path) => {
    const { publisher, at, fetched, published, order, read, state, done } = await aPublisher();
    await published('a', 'older');
    // It is read, as nobody knows it: that takes some turns of the event loop.
    await writeFile(at('other'), Buffer.alloc(5 * 1024 * 1024));
    const [other, ready] = [await fetched('other', 'ours', 2), await fetched(path, 'newer', 3)];
    const entry = state.entry.bind(state);
    let ordered: boolean | undefined;
    vi.spyOn(state, 'entry').mockImplementationOnce((asked) => {
      // The master takes it back, renames, and puts it there once more.
      setImmediate(() => {
        state.wants.drop(ready.want.path);
        ordered = done.length === 0 && order('a', 'b', 5);
        state.wants.set({ ...ready.want, seq: 6 });
      });
      return entry(asked);
    });
    publisher.publish(other, ready);
    await expect.poll(() => done.length).toBe(2);
    const b = path === 'a' ? 'older' : 'newer';
    expect([ordered, await read('a'), await read('b')]).toEqual([true, path === 'a' ? 'newer' : undefined, b]);
  },
);
