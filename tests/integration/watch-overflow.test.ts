import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { EventQueue } from '../../electron/engine/master/watch/event-queue.ts';
import { watchTree } from '../../electron/engine/master/watch/tree-watch.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test.runIf(process.platform === 'linux')(
  'where the system has dropped events each folder is told so, though none of them alone had too many',
  async () => {
    const queue = new EventQueue();
    const trees = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const folder = await temporaryFolder();
        const seen = new Set<string>();
        const failures: unknown[] = [];
        const listener = {
          touched: (path: string) => void seen.add(path),
          odd: () => undefined,
          closed: () => undefined,
          failed: (error: unknown) => void failures.push(error),
        };
        const watch = await watchTree(folder, listener, queue, new AbortController().signal);
        onTestFinished(() => watch.stop());
        return { folder, seen, failures };
      }),
    );
    const files = 3_500;
    // Nothing is read in between: the queue of the system is one for all, and holds 16,384.
    for (let index = 0; index < files; index += 1)
      for (const { folder } of trees) closeSync(openSync(join(folder, `${index}.txt`), 'w'));
    await sleep(500);
    const missed = trees.filter(({ seen }) => seen.size < files);
    expect(missed.length).toBeGreaterThan(0);
    expect(missed.filter(({ failures }) => failures.length === 0)).toEqual([]);
  },
);
