import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SiteFiles } from '../../electron/engine/master/site-files.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { releaseSite } from '../support/release-site.ts';
import { at, BY, put, readSite } from '../support/site-calls.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';

const RUNS = Number(process.env['LOCKSTEP_RUNS'] ?? 60);

const path = fc.constantFrom('a', 'b', 'd', 'd/a', 'd/b', 'd/e', 'd/e/x', 'f', 'f/e', 'f/e/x', 'index.html');
const operation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ op: fc.constant('put' as const), path, content: fc.constantFrom('1', '22', '333') }),
  },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('rename' as const), path, to: path }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('mkdir' as const), path }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('remove' as const), path }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('rmdir' as const), path }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('touch' as const), path, mtime: fc.constantFrom(1000, 2000) }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** False: it was refused. */
async function apply(files: SiteFiles, operation: Operation): Promise<boolean> {
  try {
    switch (operation.op) {
      case 'put':
        await put(files, operation.path, operation.content);
        break;
      case 'rename':
        await files.rename(at(operation.path), at(operation.to), BY);
        break;
      case 'mkdir':
        await files.makeDir(at(operation.path), BY);
        break;
      case 'remove':
        await files.remove(at(operation.path), BY);
        break;
      case 'rmdir':
        await files.removeDir(at(operation.path), BY);
        break;
      case 'touch':
        await files.touch(at(operation.path), operation.mtime, BY);
    }
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

test('a committed release is what the same operations make one by one; a rollback is what was before', {
  timeout: 300_000,
}, async () => {
  const home = await temporaryFolder();
  let run = 0;
  const operations = (max: number) => fc.array(operation, { maxLength: max });
  await fc.assert(
    fc.asyncProperty(operations(8), operations(14), operations(14), async (first, second, third) => {
      run += 1;
      const direct = await releaseSite({}, join(home, `direct-${run}`));
      const released = await releaseSite({}, join(home, `released-${run}`));
      for (const each of first) expect(await apply(released.site, each)).toBe(await apply(direct.site, each));
      for (const operations of [second, third]) {
        const before = await readTree(released.tree);
        const shown = await readSite(released.site);
        const release = released.site.beginRelease('a release', BY);
        for (const each of operations)
          expect([each, await apply(release, each)]).toEqual([each, await apply(direct.site, each)]);
        const after = await readSite(direct.site);
        expect(await readSite(release)).toEqual(after);
        expect(await readTree(released.tree)).toEqual(before);
        let id: number | undefined;
        try {
          id = (await release.commit()).id;
        } catch (error) {
          if (!(error instanceof AppError && error.code === 'release.empty')) throw error;
          await release.abort();
        }
        expect(await readSite(released.site)).toEqual(after);
        expect(index(released)).toEqual(index(direct));
        if (id === undefined) continue;
        const back = await released.site.releases.rollback(id, { by: BY });
        expect(await readTree(released.tree)).toEqual(before);
        expect(await readSite(released.site)).toEqual(shown);
        await released.site.releases.rollback(back.id, { by: BY });
        expect(await readSite(released.site)).toEqual(after);
        expect(index(released)).toEqual(index(direct));
      }
      await Promise.all([direct.stop(), released.stop()]);
      await Promise.all([direct, released].map((each) => rm(each.home, { recursive: true })));
    }),
    { numRuns: RUNS },
  );
});

/** What the index holds, without times and numbers. */
function index({ journal }: Awaited<ReturnType<typeof releaseSite>>): unknown[] {
  return journal.index
    .below(at(''))
    .map((entry) => [entry.path, entry.kind, entry.kind === 'file' ? entry.sha256 : undefined]);
}
