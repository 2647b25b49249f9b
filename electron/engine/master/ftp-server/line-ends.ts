const CR = 13;
const LF = 10;
const NOTHING = Buffer.alloc(0);
const LONE_CR = Buffer.from([CR]);

/** TYPE A (RFC 959 §3.1.1.1): what goes through comes piece by piece, and a line's end may lie between two of them. */
export interface LineEnds {
  /** May change `piece`, and may give it back. */
  push(piece: Buffer): Buffer;
  /** What was kept back. */
  end(): Buffer;
}

/** From the network, where lines end with CR LF, to the disk, where they end with LF. Any other CR stays. */
export function lineEndsIn(): LineEnds {
  let kept = NOTHING;
  return {
    push(piece) {
      const text = kept.length > 0 ? Buffer.concat([kept, piece]) : piece;
      let length = text.length;
      kept = text[length - 1] === CR ? LONE_CR : NOTHING;
      length -= kept.length;
      let to = text.indexOf(CR);
      if (to < 0 || to >= length) return text.subarray(0, length);
      for (let from = to; from < length; from += 1) {
        const byte = text[from] ?? 0;
        if (byte === CR && text[from + 1] === LF) continue;
        text[to] = byte;
        to += 1;
      }
      return text.subarray(0, to);
    },
    end: () => kept,
  };
}

/** From the disk to the network. What ends with CR LF already stays as it is. */
export function lineEndsOut(): LineEnds {
  let before = 0;
  return {
    push(piece) {
      const text = Buffer.allocUnsafe(2 * piece.length);
      let length = 0;
      for (const byte of piece) {
        if (byte === LF && before !== CR) {
          text[length] = CR;
          length += 1;
        }
        text[length] = byte;
        length += 1;
        before = byte;
      }
      return text.subarray(0, length);
    },
    end: () => NOTHING,
  };
}
