import { assert, constantFrom, integer, oneof, property, record, array } from 'fast-check';
import { expect, test } from 'vitest';
import { Landing } from '../../electron/engine/core/landing.ts';

const HELD_MAX = 2 * 1024 * 1024;
const size = oneof(integer({ min: 1, max: 70_000 }), constantFrom(1, 65_535, 65_536));
const step = oneof(
  record({ do: constantFrom('put' as const, 'read' as const), size }),
  record({ do: constantFrom('take' as const, 'release' as const), size: constantFrom(0) }),
);

/** Bytes that say where in the file they stand. */
function fill(target: Buffer, from: number): void {
  for (let at = 0; at < target.length; at += 1) target[at] = ((from + at) * 31 + ((from + at) >> 11)) & 255;
}

test('what lands is taken in its order and stays as it is until it is released, whoever reads into the room meanwhile', () => {
  assert(
    property(array(step, { minLength: 1, maxLength: 120 }), (steps) => {
      const landing = new Landing(HELD_MAX);
      let came = 0;
      let read = 0;
      let held = 0;
      let out: Buffer | undefined;
      // As a socket has it: the room that it was given is where it reads to, whatever was taken or released since.
      let armed = landing.room;
      const check = (bytes: Buffer): void => {
        const expected = Buffer.alloc(bytes.length);
        fill(expected, read);
        expect(bytes.equals(expected)).toBe(true);
      };
      for (const { do: what, size: bytes } of steps) {
        if (what === 'read') {
          const landed = Math.min(bytes, armed.length);
          fill(armed.subarray(0, landed), came);
          landing.landed(landed);
          came += landed;
          held += landed;
          armed = landing.room;
        } else if (what === 'put') {
          const piece = Buffer.alloc(bytes);
          fill(piece, came);
          landing.put(piece);
          came += bytes;
          held += bytes;
          armed = landing.room;
        } else if (what === 'take' && !out) {
          out = landing.take();
        } else if (what === 'release' && out) {
          check(out);
          read += out.length;
          held -= out.length;
          landing.release();
          out = undefined;
        }
        expect(landing.isFull).toBe(held >= HELD_MAX);
        expect(landing.waiting).toBe(came - read - (out?.length ?? 0));
      }
      for (out ??= landing.take(); out; out = landing.take()) {
        check(out);
        read += out.length;
        landing.release();
      }
      expect(read).toBe(came);
      landing.end();
    }),
    { numRuns: 60 },
  );
});

test('a buffer of one file is none of another before the first has ended', () => {
  const piece = Buffer.alloc(1_000_000, 1);
  const first = new Landing(HELD_MAX);
  first.put(piece);
  first.put(piece);
  const seen: Buffer[] = [];
  for (let bytes = first.take(); bytes; bytes = first.take()) {
    seen.push(bytes);
    first.release();
  }
  const second = new Landing(HELD_MAX);
  second.put(Buffer.alloc(2_500_000, 2));
  expect(seen.every((bytes) => bytes.every((byte) => byte === 1))).toBe(true);
  expect(seen.reduce((sum, { length }) => sum + length, 0)).toBe(2_000_000);
});
