import { chmodSync } from 'node:fs';
import { link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { Present } from '../../shared/domain/change.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { until } from '../support/until.ts';
import { watchedSite } from '../support/watched-site.ts';

/** More files with two names than are remembered to have been told of each other. */
const FILES = 1_100;

test('where many files that have two names each get other rights by one of them, each is looked at a few times only', async () => {
  const { master, at, watch } = await watchedSite(async (root) => {
    for (const folder of ['first', 'second']) await mkdir(join(root, folder));
    for (let index = 0; index < FILES; index += 1) {
      await writeFile(join(root, 'first', `${index}.txt`), `${index}`);
      await link(join(root, 'first', `${index}.txt`), join(root, 'second', `${index}.txt`));
    }
  });
  const { index } = master.journal;
  await until(
    () => index.files() === 2 * FILES,
    () => index.files(),
  );
  const { sha256 } = index.entry('first/0.txt' as SitePath) as Extract<Present, { kind: 'file' }>;
  const others = vi.spyOn(index, 'withContent');
  const looks = () => others.mock.calls.filter(([content]) => content === sha256).length;
  for (let file = 0; file < FILES; file += 1) chmodSync(at(`first/${file}.txt`), 0o600);
  await until(() => looks() > 0, looks);
  await sleep(6_000);
  expect(looks()).toBeLessThan(3);
  expect([index.files(), watch.trouble]).toEqual([2 * FILES, undefined]);
});
