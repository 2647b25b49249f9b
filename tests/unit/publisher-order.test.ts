import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Ready } from '../../electron/engine/mirror/ready.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { startPublisher } from '../support/site-publisher.ts';

test('what is to appear after a file that the tree does not take is planned anew: a page comes not before its target', async () => {
  const { state, root, publisher, ready, done, failed, returned } = await startPublisher();
  const at = (path: string): string => join(root.folder, path);
  const file = async (path: string, seq: number): Promise<Ready> => {
    const [staged, content] = [`f-${seq}`, `content of ${path}`];
    await writeFile(join(root.staging, staged), content);
    await utimes(join(root.staging, staged), 5, 5);
    const sha256 = createHash('sha256').update(content).digest('hex');
    return ready(path as SitePath, { kind: 'file', size: content.length, mtime: 5000, sha256 }, seq, staged);
  };
  const [first, target, page, last] = [
    await file('first', 1),
    await file('target', 2),
    await file('page', 3),
    await file('last', 4),
  ];
  await mkdir(at('target'));
  await writeFile(at('target/of somebody else'), '');
  for (const set of [[first], [target], [page, last]]) publisher.publishTogether(set, () => undefined);
  await expect
    .poll(() => [...done, ...failed, ...returned])
    .toEqual(['first', 'target file.is-directory', 'page', 'last']);
  expect(['page', 'last'].map((path) => existsSync(at(path)))).toEqual([false, false]);
  expect([state.wants.of('page' as SitePath), state.entry('page' as SitePath)]).toEqual([page.want, undefined]);
  const states = () => state.store.all('SELECT state FROM transfer ORDER BY id').map((row) => row['state']);
  expect(states()).toEqual(['published', 'queued', 'queued', 'queued']);
  // As it is once nothing stands in the way.
  await rm(at('target'), { recursive: true });
  for (const set of [[target], [page, last]]) publisher.publishTogether(set, () => undefined);
  await expect.poll(() => done).toEqual(['first', 'target', 'page', 'last']);
  expect([await readFile(at('page'), 'utf8'), new Set(states())]).toEqual(['content of page', new Set(['published'])]);
});
