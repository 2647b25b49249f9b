import { createHash, randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { SitePath } from '../../shared/domain/site-path.ts';
import type { Throttle } from '../../electron/engine/core/throttle.ts';
import { Sink } from '../../electron/engine/mirror/retriever/sink.ts';
import type { DataFile } from '../../electron/engine/tree/data-file.ts';

const CHUNK = 60_000;

it('writes what came, also where the disk is slower than the way to the master', async () => {
  const sent = randomBytes(9_000_000);
  const written = Buffer.alloc(sent.length);
  const file = {
    // What is handed over must not change until it is written.
    async write(chunk: Uint8Array, position: number): Promise<void> {
      for (let turns = 0; turns < 20; turns += 1) await turn();
      written.set(chunk, position);
    },
  } as DataFile;
  const sink = new Sink({
    path: 'a' as SitePath,
    content: { size: sent.length, mtime: 0, sha256: '0'.repeat(64) },
    file: () => file,
    offset: 0,
    hash: createHash('sha256'),
    throttle: { rate: undefined } as Throttle,
    signal: new AbortController().signal,
    onBytes: () => undefined,
  });
  for (let at = 0; at < sent.length; at += CHUNK) await sink.take(sent.subarray(at, at + CHUNK));
  await sink.end();
  expect(written.equals(sent)).toBe(true);
  expect(sink.sha256()).toBe(createHash('sha256').update(sent).digest('hex'));
});
