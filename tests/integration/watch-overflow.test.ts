import { chmodSync, closeSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { EventQueue } from '../../electron/engine/master/watch/event-queue.ts';
import { watchTree } from '../../electron/engine/master/watch/tree-watch.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

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

test.runIf(process.platform === 'linux')(
  'where the system has dropped events of a folder that was moved away, those of the others are missed too, and that is told',
  async () => {
    const folder = await temporaryFolder();
    const beside = await temporaryFolder();
    mkdirSync(join(folder, 'last'));
    for (const name of ['a.txt', 'b.txt']) writeFileSync(join(folder, 'last', name), name);
    const seen = new Set<string>();
    const failures: unknown[] = [];
    const listener = {
      touched: (path: string) => void seen.add(path),
      odd: () => undefined,
      closed: () => undefined,
      failed: (error: unknown) => void failures.push(error),
    };
    const watch = await watchTree(folder, listener, new EventQueue(), new AbortController().signal);
    onTestFinished(() => watch.stop());
    renameSync(join(folder, 'last'), join(beside, 'last'));
    // Until it is known to have gone it is watched still.
    for (let index = 0; index < 8_500; index += 1)
      for (const name of ['a.txt', 'b.txt']) chmodSync(join(beside, 'last', name), 0o644);
    mkdirSync(join(folder, 'next'));
    await until(() => seen.has('last'), 'the move is told');
    await sleep(500);
    expect([...seen]).toEqual(['last']);
    expect(failures).toHaveLength(1);
  },
);
