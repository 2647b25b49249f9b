import { assert, array, integer, property, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { BlockReader, encodeBlocks } from '../../electron/engine/core/block-mode.ts';

const file = uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));

/** In pieces of these sizes, again and again. */
function* cut(bytes: Buffer, sizes: readonly number[]): Iterable<Buffer> {
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

function decode(reader: BlockReader, most?: number): { pieces: Buffer[]; ends: number[] } {
  const pieces: Buffer[] = [];
  const ends: number[] = [];
  let bytes = 0;
  for (let block = reader.next(most); block; block = reader.next(most)) {
    if (block.kind === 'end') ends.push(bytes);
    else {
      pieces.push(block.bytes);
      bytes += block.bytes.length;
    }
  }
  return { pieces, ends };
}

test('files are read as they were sent, wherever the pieces are cut', () => {
  assert(
    property(
      array(file),
      array(integer({ min: 1, max: 40 }), { minLength: 1 }),
      integer({ min: 1, max: 50 }),
      (files, sizes, most) => {
        const sent = Buffer.concat(
          files.flatMap((bytes) => {
            const half = bytes.length >> 1;
            return [...encodeBlocks(bytes.subarray(0, half), false), ...encodeBlocks(bytes.subarray(half), true)];
          }),
        );
        const reader = new BlockReader();
        let read = Buffer.alloc(0);
        const ends: number[] = [];
        for (const piece of cut(sent, sizes)) {
          reader.push(piece);
          const got = decode(reader, most);
          expect(got.pieces.every(({ length }) => length > 0 && length <= most)).toBe(true);
          ends.push(...got.ends.map((at) => at + read.length));
          read = Buffer.concat([read, ...got.pieces]);
        }
        expect(read).toEqual(Buffer.concat(files));
        let at = 0;
        expect(ends).toEqual(files.map(({ length }) => (at += length)));
        expect(reader.pending).toBe(0);
      },
    ),
  );
});

test('a piece of more than a block goes in several, and only the last ends the file', () => {
  const bytes = Buffer.alloc(200_000, 7);
  const blocks = encodeBlocks(bytes, true);
  expect(blocks.filter((_, n) => n % 2 === 0).map((header) => [...header])).toEqual([
    [0, 255, 255],
    [0, 255, 255],
    [0, 255, 255],
    [64, 13, 67],
  ]);
  const reader = new BlockReader();
  for (const block of blocks) reader.push(block);
  expect(Buffer.concat(decode(reader).pieces)).toEqual(bytes);
});

test('a block of another kind ends the reading', () => {
  const reader = new BlockReader();
  reader.push(Buffer.from([16, 0, 1, 0]));
  expect(() => reader.next()).toThrow('fetch.broken-off');
});
