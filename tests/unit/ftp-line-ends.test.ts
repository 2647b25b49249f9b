import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LineEnds, lineEndsIn, lineEndsOut } from '../../electron/engine/master/ftp-server/line-ends.ts';

function through(ends: LineEnds, pieces: readonly string[]): string {
  return Buffer.concat([...pieces.map((piece) => Buffer.from(ends.push(Buffer.from(piece)))), ends.end()]).toString();
}

const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', '\r', '\n', 'é') }));

test('a line comes in and goes out the same, wherever it is cut into pieces', () => {
  fc.assert(
    fc.property(pieces, (cut) => {
      const whole = cut.join('');
      expect(through(lineEndsIn(), cut)).toBe(whole.replaceAll('\r\n', '\n'));
      expect(through(lineEndsOut(), cut)).toBe(whole.replaceAll(/(?<!\r)\n/g, '\r\n'));
    }),
  );
});

test('text with line ends of its own comes back as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', '\n') })), (lines) => {
      expect(through(lineEndsIn(), [through(lineEndsOut(), lines)])).toBe(lines.join(''));
    }),
  );
});
