import { LINE_BYTES_MAX, LINE_SKIP_BYTES_MAX } from './limits.ts';

/**
 * A line without its end, or one that was longer than `LINE_BYTES_MAX`: told at its end, or, with the bytes so far, as soon as
 * there are more than `LINE_SKIP_BYTES_MAX`.
 */
export type Line =
  | { readonly kind: 'line'; readonly bytes: Buffer }
  | { readonly kind: 'too-long'; readonly skipped: number };

/**
 * Cuts the bytes of a control connection into lines, wherever TCP cut them. CRLF ends a line, and so does a bare LF, as
 * people type it into nc, and CR CR LF, as clients write it that convert what is converted already. Telnet commands (RFC 854; IP and DM before ABOR, RFC 959 §4.1.3) are taken out.
 * `onOption` is given what answers the options among them, as soon as they are read.
 */
export class LineReader {
  readonly #options = new TelnetOptions();
  readonly #onOption: (answer: Buffer) => void;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #skipped = 0;
  #lfMayFollow = false;

  constructor(onOption: (answer: Buffer) => void = () => undefined) {
    this.#onOption = onOption;
  }

  /** Bytes that are no whole line yet. */
  get pending(): number {
    return this.#heldBytes + this.#skipped;
  }

  push(chunk: Buffer): Line[] {
    const answer = this.#options.refuse(chunk);
    if (answer) this.#onOption(answer);
    const lines: Line[] = [];
    let start = this.#lfMayFollow && chunk[0] === LF ? 1 : 0;
    this.#lfMayFollow = false;
    for (let end = chunk.indexOf(LF, start); end >= 0; end = chunk.indexOf(LF, start)) {
      this.#hold(chunk.subarray(start, end));
      lines.push(this.#take());
      start = end + 1;
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start));
    if (chunk.at(-1) === CR && this.#isUrgent()) {
      lines.push(this.#take());
      this.#lfMayFollow = true;
    }
    if (this.#skipped > LINE_SKIP_BYTES_MAX) lines.push({ kind: 'too-long', skipped: this.#skipped });
    return lines;
  }

  /** Python sends all of `ABOR CR LF` as urgent data, and Ruby `STAT` as well: the LF is what the system takes out of the stream. */
  #isUrgent(): boolean {
    return this.#skipped === 0 && URGENT.test(Buffer.concat(this.#held).toString('latin1'));
  }

  #hold(bytes: Buffer): void {
    if (this.#skipped > 0 || this.#heldBytes + bytes.length > LINE_BYTES_MAX) {
      this.#skipped += this.#heldBytes + bytes.length;
      this.#held = [];
      this.#heldBytes = 0;
    } else if (bytes.length > 0) {
      this.#held.push(bytes);
      // Each fragment keeps all that came with it.
      if (this.#held.length >= FRAGMENTS_MAX) this.#held = [Buffer.concat(this.#held)];
      this.#heldBytes += bytes.length;
    }
  }

  #take(): Line {
    const skipped = this.#skipped;
    const bytes = this.#held.length === 1 && this.#held[0] ? this.#held[0] : Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    this.#skipped = 0;
    if (skipped > 0) return { kind: 'too-long', skipped };
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === CR) end -= 1;
    const line = bytes.subarray(0, end);
    return { kind: 'line', bytes: line.some((byte) => byte >= TELNET_FIRST) ? withoutTelnet(line) : line };
  }
}

const FRAGMENTS_MAX = 64;
/** With the telnet commands that may stand before it. */
const URGENT = /^[\xf0-\xff]{0,16}(?:ABOR|STAT(?: [^\r]*)?)\r$/i;
const LF = 0x0a;
const CR = 0x0d;
/** From here on bytes are telnet commands, or the first byte of UTF-8 beyond the BMP (F0 to F4). */
const TELNET_FIRST = 0xf0;
const IAC = 0xff;
const WILL = 0xfb;
const WONT = 0xfc;
const DO = 0xfd;
const DONT = 0xfe;

/**
 * Refuses each option of telnet that a client offers or asks for (RFC 1123 §4.1.2.12, RFC 854): WILL by DONT, DO by WONT. A refusal
 * is not answered, so that two ends never answer each other for ever.
 */
class TelnetOptions {
  /** What stands before the next byte: nothing of telnet, IAC, or IAC with WILL or DO. */
  #before: undefined | typeof IAC | typeof WILL | typeof DO;

  /** What answers the options that this chunk completes. */
  refuse(chunk: Buffer): Buffer | undefined {
    if (this.#before === undefined && !chunk.includes(IAC)) return undefined;
    const answer: number[] = [];
    for (const byte of chunk) {
      const before = this.#before;
      this.#before = undefined;
      if (before === undefined) this.#before = byte === IAC ? IAC : undefined;
      else if (before === IAC) this.#before = byte === WILL || byte === DO ? byte : undefined;
      else answer.push(IAC, before === WILL ? DONT : WONT, byte);
    }
    return answer.length > 0 ? Buffer.from(answer) : undefined;
  }
}

/**
 * The last byte of urgent data is taken out of the stream by the system: an IAC can stand alone, and so can a DM before ABOR.
 * IAC twice is the byte itself (RFC 854), which no name in UTF-8 holds.
 */
function withoutTelnet(line: Buffer): Buffer {
  const kept: number[] = [];
  for (let at = 0; at < line.length; at += 1) {
    const byte = line[at] ?? 0;
    if (byte === IAC) {
      const command = line[at + 1] ?? 0;
      if (command === IAC) {
        kept.push(IAC);
        at += 1;
      } else if (command >= TELNET_FIRST) at += command >= WILL && command <= DONT ? 2 : 1;
    } else if (byte < TELNET_FIRST || kept.length > 0) {
      kept.push(byte);
    }
  }
  return Buffer.from(kept);
}
