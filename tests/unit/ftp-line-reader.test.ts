import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LINE_BYTES_MAX, LINE_SKIP_BYTES_MAX } from '../../electron/engine/master/ftp-server/limits.ts';
import { LineReader } from '../../electron/engine/master/ftp-server/line-reader.ts';
import { parseCommand } from '../../electron/engine/master/ftp-server/command.ts';

function read(chunks: readonly (string | Buffer)[]): string[] {
  const reader = new LineReader();
  return chunks
    .flatMap((chunk) => reader.push(Buffer.from(chunk)))
    .map((line) => (line.kind === 'line' ? line.bytes.toString('utf8') : `too long: ${line.skipped}`));
}

test('a command cut in two segments is one command', () => {
  expect(read(['DELE a', 'bc.txt\r', '\nNO', 'OP\r\n'])).toEqual(['DELE abc.txt', 'NOOP']);
});

test('a bare LF ends a line, and an unfinished line is none', () => {
  expect(read(['USER a\nPASS b\n\r\nQUIT'])).toEqual(['USER a', 'PASS b', '']);
});

test('lines are the same wherever the bytes are cut', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => `STOR ${text.replace(/[\r\n]/g, '')}`);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.array(fc.nat(400), { maxLength: 10 }), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\r\n`).join(''));
      const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      expect(read(at.slice(1).map((end, index) => bytes.subarray(at[index], end)))).toEqual(lines);
    }),
  );
});

test('telnet IP and DM before ABOR are taken out, with and without their urgent byte', () => {
  const abor = Buffer.from('ABOR\r\n');
  const before = [[0xff, 0xf4, 0xff, 0xf2], [0xff, 0xf4, 0xff], [0xff, 0xf4, 0xf2], [0xf2], [0xff, 0xfb, 0x01]];
  expect(before.flatMap((bytes) => read([Buffer.concat([Buffer.from(bytes), abor])]))).toEqual(
    before.map(() => 'ABOR'),
  );
});

test('ABOR and STAT are understood without their LF, which may have been urgent data, or follow', () => {
  expect(read(['STAT\r', 'STAT a b\r', '\nNOOP\r\n'])).toEqual(['STAT', 'STAT a b', 'NOOP']);
  expect(read(['STATS\r', '\n'])).toEqual(['STATS']);
  expect(read(['ABOR\r', 'NOOP\r\n'])).toEqual(['ABOR', 'NOOP']);
  expect(read(['ABOR\r', '\nNOOP\r\n'])).toEqual(['ABOR', 'NOOP']);
  expect(read(['DELE ABOR\r', '\n'])).toEqual(['DELE ABOR']);
});

test('characters beyond the BMP are no telnet commands', () => {
  expect(read(['STOR 🎉𠮷.txt\r\n'])).toEqual(['STOR 🎉𠮷.txt']);
});

test('a line that is too long is told once, at its end, and the next one is whole', () => {
  const long = 'x'.repeat(LINE_BYTES_MAX + 1);
  expect(read([long.slice(0, 100), long.slice(100), '\r\nNOOP\r\n'])).toEqual([`too long: ${long.length + 1}`, 'NOOP']);
});

test('a line without end is told before it is over, and is not kept', () => {
  const reader = new LineReader();
  const lines = Array.from({ length: 20 }, () => reader.push(Buffer.alloc(LINE_SKIP_BYTES_MAX / 16, 'h'))).flat();
  expect(lines[0]).toEqual({ kind: 'too-long', skipped: LINE_SKIP_BYTES_MAX + LINE_SKIP_BYTES_MAX / 16 });
});

test('a command is its verb and all that stands after the first space', () => {
  const parse = (text: string) => parseCommand(Buffer.from(text));
  expect(parse('stor  -a "b" -c ')).toEqual({ kind: 'command', verb: 'STOR', arg: ' -a "b" -c ' });
  expect(parse('PWD')).toEqual({ kind: 'command', verb: 'PWD', arg: '' });
  expect(parseCommand(Buffer.from([0x53, 0x54, 0x4f, 0x52, 0x20, 0xe9])).kind).toBe('malformed');
  expect(
    [parse(''), parse('A\0B'), parse('STOR a\rb'), parse('GET / HTTP/1.1'), parse('../')].map((c) => c.kind),
  ).toEqual(['malformed', 'malformed', 'malformed', 'command', 'malformed']);
});

test('a line that comes byte by byte keeps none of what the bytes came in', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const held = (): number => {
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const reader = new LineReader();
  const before = held();
  for (let count = 0; count < 1000; count += 1) reader.push(Buffer.alloc(64 * 1024, 'x').subarray(0, 1));
  // What is collected is given back by another thread.
  await expect.poll(() => held() - before).toBeLessThan(16 * 1024 * 1024);
  expect(reader.push(Buffer.from('\n'))).toEqual([{ kind: 'line', bytes: Buffer.from('x'.repeat(1000)) }]);
});
